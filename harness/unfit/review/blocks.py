"""Blocks: a Markdown file cut into pieces that hang together, each with the lines that it stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

from unfit.review.mentions import leading_place
from unfit.review.words import bare, counted, section_label, section_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

__all__ = ["BOLD", "Block", "blocks"]

BOLD = 7
"""The level of a line that stands for a heading without being one: bold as a whole, or in capitals."""
Kind = Literal["heading", "text", "item", "row", "head", "code", "rule", "comment"]
KINDS: dict[str, Kind] = {
    "heading_open": "heading",
    "tr_open": "row",
    "fence": "code",
    "code_block": "code",
    "hr": "rule",
}
DEPTHS = {"bullet_list_open": 1, "ordered_list_open": 1, "bullet_list_close": -1, "ordered_list_close": -1}
FRONT_MATTER = re.compile(r"---[ \t]*\n((?:[\w ]+:.*\n)+)---[ \t]*(?:\n|\Z)")
WHOLLY_BOLD = re.compile(r"(\*\*|__)(?!\s)[^*]{1,200}\1:?")
SUMMARY = re.compile(r"\s*<(?:summary|h[1-6])\b", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """One piece of a review.

    Parameters
    ----------
    kind : str
        "item" is the first text of a list item; "head" the first row of a table.
    first, last : int
        Its lines, counted from nought; the last is not part of it.
    level : int
        Of a heading; `BOLD` for a line that stands for one.
    depth : int
        How many lists it lies in.
    """

    kind: Kind
    first: int
    last: int
    level: int = 0
    depth: int = 0


def blocks(text: str) -> list[Block]:
    """Cut Markdown into blocks, in order.

    Parameters
    ----------
    text : str
        With line feeds only.

    Returns
    -------
    blocks : list of Block
        Blank lines, and a few that Markdown draws nothing for, are in none.
    """
    header = FRONT_MATTER.match(text)
    if header:  # Markdown would take it for a heading
        text = f"\n{header[1]}\n{text[header.end() :]}"
    lines = text.split("\n")
    parser = MarkdownIt("commonmark").enable(["table"])
    parser.disable(["reference", "inline"])  # only lines are needed
    return list(_walk(parser.parse(text), lines))


def _walk(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Block]:
    depth, item, row = 0, False, KINDS["tr_open"]
    for token in tokens:
        first, last = token.map or (0, 0)
        depth += DEPTHS.get(token.type, 0)
        if token.type in {"list_item_open", "list_item_close"}:
            item = token.type == "list_item_open"
        elif token.type in {"thead_open", "thead_close"}:
            row = "head" if token.type == "thead_open" else "row"
        elif token.type == "paragraph_open":
            yield from _paragraph(lines, first, last, depth, item=item)
            item = False
        elif token.type == "html_block":
            yield from _html(lines, first, last, depth)
        elif kind := KINDS.get(token.type):
            item = item and kind != "heading"
            level = int(token.tag[1:]) if kind == "heading" else 0
            yield Block(row if kind == "row" else kind, first, last, level, 0 if level else depth)


def _paragraph(lines: Sequence[str], first: int, last: int, depth: int, *, item: bool) -> Iterator[Block]:
    """Cut a paragraph where a line opens a section or begins another finding."""
    kind: Kind = "item" if item else "text"
    start = first
    for number in range(first, last):
        line = lines[number]
        alone = number + 1 == last and number == first
        titled = number == first and not item and WHOLLY_BOLD.fullmatch(line.strip()) is not None
        opens = titled or (_stands_for_heading(line, alone=alone) and not (item and number == first))
        leaves = number > first and section_label(line) is not None
        begins = number > first and (counted(line) or bool(leading_place(bare(line))[0]))
        if (opens or begins or leaves) and number > start:
            yield Block(kind, start, number, depth=depth)
            kind, start = "text", number
        if opens:
            yield Block("heading", number, number + 1, BOLD)
            kind, start = "text", number + 1
        depth = 0 if leaves else depth
    if start < last:
        yield Block(kind, start, last, depth=depth)


def _stands_for_heading(line: str, *, alone: bool) -> bool:
    """Tell whether a line of a paragraph is a heading to a person: ``FINDINGS``, ``**1. Folds**``, ``Tools:``."""
    plain = line.strip().lstrip("> ")
    if alone and WHOLLY_BOLD.fullmatch(plain):
        return True
    words = bare(plain)
    loud = words.isupper() or words.endswith(":") or alone
    return bool(loud and section_of(words.rstrip(":")))


def _html(lines: Sequence[str], first: int, last: int, depth: int) -> Iterator[Block]:
    start, comment = first, False
    for number in range(first, last):
        line = lines[number]
        if SUMMARY.match(line) and not comment:
            if number > start:
                yield Block("text", start, number, depth=depth)
            yield Block("heading", number, number + 1, BOLD, depth)
            start = number + 1
            continue
        if "<!--" in line and not comment:
            if number > start:
                yield Block("text", start, number, depth=depth)
            start, comment = number, True
        if "-->" in line and comment:
            yield Block("comment", start, number + 1, depth=depth)
            start, comment = number + 1, False
    if start < last:
        yield Block("comment" if comment else "text", start, last, depth=depth)
