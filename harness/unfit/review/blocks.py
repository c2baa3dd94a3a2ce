"""Blocks: a Markdown file as a flat list of headings, texts, list items, table rows and rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

__all__ = ["STRONG", "Block", "blocks", "unmarked"]

STRONG = "\x02", "\x03"
"""What stands around bold text, so that a reader can tell a bold label from a plain word."""
LONGEST_HEADING = 400
# No summary reaches over the start of another: thousands that never end are read in one pass.
SUMMARY = re.compile(r"<summary>([^<]*(?:<(?!/?summary>)[^<]*)*)</summary>")
Kind = Literal["heading", "text", "item", "code", "row", "rule", "comment"]


@dataclass(frozen=True)
class Block:
    """One piece of a review.

    Parameters
    ----------
    kind : str
        "item" is the first text of a list item, "row" one row of a table.
    text : str
        Without Markdown's marks but for backticks and `STRONG`.
    line : int
        Where it starts, counted from one.
    level : int
        Of a heading; 7 for a text that is bold as a whole and so stands for one.
    depth : int
        How many lists it lies in.
    cells, header : tuple of str
        Of a row.
    mark : str
        What a list item stands behind: its number as it was written, or a dash.
    """

    kind: Kind
    text: str
    line: int
    level: int = 0
    depth: int = 0
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    mark: str = ""


def blocks(text: str) -> list[Block]:
    """Parse Markdown into blocks, in order."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return list(_Walk(parser.parse(text)).run())


def unmarked(text: str) -> str:
    """Take the marks of bold text away."""
    return text.replace(STRONG[0], "").replace(STRONG[1], "")


class _Walk:
    """One pass over the tokens; it remembers the lists and the table that it is in."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._depth = 0
        self._mark = ""
        self._heading = 0
        self._line = 1
        self._cells: list[str] | None = None
        self._header: tuple[str, ...] = ()

    def run(self) -> Iterator[Block]:
        for token in self._tokens:
            if token.map:
                self._line = token.map[0] + 1
            if token.type == "inline":
                yield from self._inline(token)
            elif token.type in {"fence", "code_block"}:
                yield Block("code", token.content, self._line, depth=self._depth)
            elif token.type == "html_block":
                yield from self._html(token)
            elif token.type == "hr":
                yield Block("rule", "", self._line, depth=self._depth)
            else:
                yield from self._frame(token)

    def _frame(self, token: Token) -> Iterator[Block]:
        """Keep track of what opens and closes."""
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self._depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self._depth -= 1
        elif token.type == "list_item_open":
            self._mark = f"{token.info}{token.markup}" if token.info else "-"
        elif token.type == "heading_open":
            self._heading = int(token.tag[1:])
        elif token.type == "heading_close":
            self._heading = 0
        elif token.type == "tr_open":
            self._cells = []
        elif token.type == "table_close":
            self._header = ()
        elif token.type == "tr_close" and self._cells is not None:
            cells, self._cells = tuple(self._cells), None
            if self._header:
                yield Block(
                    "row", " | ".join(cells), self._line, depth=self._depth, cells=cells, header=self._header
                )
            else:
                self._header = cells

    def _inline(self, token: Token) -> Iterator[Block]:
        text = re.sub(r"[^\S\n]+", " ", _plain(token.children or []))
        if self._cells is not None:
            self._cells.append(unmarked(text).strip())
            return
        kind: Kind = "heading" if self._heading else "item" if self._mark else "text"
        mark, self._mark = self._mark, ""
        level = self._heading
        text = text[:LONGEST_HEADING] if level else text
        if kind == "text" and not self._depth and _is_bold(text):
            kind, level = "heading", 7
        text = unmarked(text) if kind == "heading" else text
        yield Block(kind, text, self._line, level, self._depth, mark=mark)

    def _html(self, token: Token) -> Iterator[Block]:
        for comment in re.findall(r"<!--(.*?)(?:-->|\Z)", token.content, re.DOTALL):
            yield Block("comment", comment, self._line)
        rest = re.sub(r"<!--.*?(?:-->|\Z)", "", token.content, flags=re.DOTALL)
        for summary in SUMMARY.findall(rest):
            yield Block("heading", re.sub(r"<[^<>]{0,200}>", "", summary).strip(), self._line, 7, self._depth)
        rest = SUMMARY.sub("", rest)
        text = re.sub(r"<[^<>]{0,200}>", "", re.sub(r"<br\s*/?>", "\n", rest)).strip()
        if text:
            yield Block("text", text, self._line, depth=self._depth)


def _is_bold(text: str) -> bool:
    inside = text.strip().removesuffix(":")
    return inside.startswith(STRONG[0]) and inside.endswith(STRONG[1]) and inside.count(STRONG[0]) == 1


def _plain(tokens: Sequence[Token]) -> str:
    """Write inline tokens as text; struck-out text is dropped."""
    parts: list[str] = []
    struck = 0
    link = ""
    for token in tokens:
        if token.type in {"s_open", "s_close"}:
            struck += 1 if token.type == "s_open" else -1
        elif struck:
            continue
        elif token.type == "link_open":
            link = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            # A link within the repository says where something is; its address may hold the line.
            parts.append(f" ({link})" if link and "://" not in link and parts[-1:] != [link] else "")
            link = ""
        else:
            parts.append(_piece(token))
    return "".join(parts)


def _piece(token: Token) -> str:
    match token.type:
        case "text" | "text_special":
            return token.content
        case "code_inline":
            return f"`{token.content}`"
        case "softbreak" | "hardbreak":
            return "\n"
        case "strong_open" | "strong_close" if token.markup == "**":
            return STRONG[token.type == "strong_close"]
        case "strong_open" | "strong_close" | "em_open" | "em_close" if token.markup in {"__", "_"}:
            return token.markup  # as in `__init__.py`, which Markdown takes for bold
        case "html_inline":
            return "\n" if token.content.startswith("<br") else ""
        case "image":
            return token.content
        case _:
            return ""
