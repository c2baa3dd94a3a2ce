"""Cutting: which blocks of a review hang together as one finding, and which lines are something else."""

# ruff: noqa: RUF001 - the quotes of many keyboards are what is read here

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from markdown_it import MarkdownIt

from unfit.review.mentions import begins_with_place, has_place, mentions
from unfit.review.part_names import (
    TAG,
    bare,
    category_of,
    counted,
    field_of,
    group_of,
    label_of,
    section_label,
    section_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it.token import Token

__all__ = ["OPENING", "Aside", "Role", "Unit", "cells_of_row", "cut", "sentences", "stretch"]

Role = Literal["finding", "decision", "first_three", "first_hour", "rollback", "watch", "tools", "rest"]
OPENING: tuple[Role, ...] = ("decision", "first_three", "first_hour", "rollback", "watch", "tools")
SECTIONS: dict[str, Role] = {name: name for name in OPENING} | {"praise": "rest"}
"""What sections of a review are read as that hold no findings."""
Kind = Literal["heading", "text", "item", "head", "row", "code", "rule"]
DEPTHS = {"bullet_list_open": 1, "ordered_list_open": 1, "bullet_list_close": -1, "ordered_list_close": -1}
CODE = {"fence", "code_block"}
BOLD, OUTSIDE = 7, 12
"""Ranks of a line that stands for a heading without being one, and of a text outside lists."""
WHOLLY_BOLD = re.compile(r"(\*\*|__)(?!\s)[^*]{1,200}\1:?")
SUMMARY = re.compile(r"\s*<(?:summary|h[1-6])\b", re.IGNORECASE)
SENTENCE = re.compile(r"[.!?]+[)\"”’*_]*(?=\s+\S)|\n(?=\s*(?:\n|[-*+]\s|\d+[.)]\s|[\w ]{1,30}:\s|$))")
ORDINAL = re.compile(
    r"\s*(?:\W?\d{1,2}[.)]|(?:first|second|third|fourth|fifth|next|also|finally|lastly|then|another|besides|"
    r"in addition|on top of that|moreover|furthermore)(?:ly)?\b)",
    re.IGNORECASE,
)
TELLING_COLUMNS = 2


@dataclass
class _Block:
    """One piece of a review: some lines, and what hangs below it.

    A block hangs below the last heading or list item of a smaller rank. "item" is the first text of a list item, and
    "head" the first row of a table.
    """

    kind: Kind
    first: int
    end: int
    rank: int
    text: str
    children: list[_Block] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The end of what hangs below it."""
        return self.children[-1].last if self.children else self.end

    @cached_property
    def line(self) -> str:
        """Its first line."""
        return self.text.split("\n", 1)[0]

    @cached_property
    def title(self) -> str:
        """Its first line without marks."""
        return bare(self.line)

    @cached_property
    def label(self) -> str:
        """The field of a finding that it fills, as "Where: a.py" does, a row of such a name, or a heading."""
        if self.kind == "heading":
            return field_of(self.title.rstrip(":"), typos=False)
        if self.kind == "row":
            name, *values = cells_of_row(self.line)
            return field_of(name, typos=False) if len(values) == 1 else ""
        return (label_of(self.line) or ("",))[0]

    @cached_property
    def section(self) -> str:
        """The section of a review that it opens."""
        if self.kind == "heading" and (named := section_of(self.title)):
            return named
        return section_label(self.line) if self.kind in {"heading", "item", "text"} else ""

    @property
    def counts(self) -> bool:
        """Whether it begins with a number of a finding."""
        return counted(self.line)

    @property
    def begins(self) -> bool:
        """Whether it begins as findings do wherever they stand: with a number or a place."""
        return self.counts or begins_with_place(self.title)

    @property
    def points(self) -> bool:
        """Whether it names a place; a heading does so by what stands below it as well."""
        below = self.children if self.kind == "heading" else []
        return has_place(self.text) or "()" in self.text or any(child.points for child in below)

    @property
    def tells(self) -> bool:
        """Whether it is the first row of a table of findings."""
        names = cells_of_row(self.line) if self.kind == "head" else ()
        return sum(map(bool, map(field_of, names))) >= TELLING_COLUMNS

    @property
    def several(self) -> bool:
        """Whether more than the fields, or one text, of a single finding stand below it."""
        below = [child for child in self.children if not child.label and child.kind not in {"head", "rule"}]
        return len(below) > 1 or any(child.kind not in {"text", "code"} for child in below)

    @cached_property
    def stands_over(self) -> bool:
        """Whether several findings stand below a heading or a list item, and not the details of one."""
        items = [child for child in self.children if child.kind == "item" and not child.label]
        names = group_of(self.title) is not None or _is_place(self.title) or self.title.endswith(":")
        pointing = sum(has_place(item.text) for item in items)
        lists = self.kind == "heading" and len(items) > 1 and 2 * pointing >= len(items)
        return (self.several and names) or (lists and not self.counts)


@dataclass
class Unit:
    """The lines of one finding, while a review is cut.

    Parameters
    ----------
    first, last : int
        Lines, counted from nought; the last is not part of it.
    groups : tuple of str
        Headings above it, which may name a category or a place for all that stands below.
    sure : bool
        Whether something says that it is a finding: a heading above it, a number, a place.
    header : tuple of str
        Column names, of a row of a table.
    part : str
        The words of it that are meant, where it shares its lines with other findings.
    prose : bool
        Whether it is a paragraph that nothing marks as a finding.
    labels : set of str
        Fields that it has filled on lines of their own; a text below such lines, or below a number, belongs to it.
    """

    first: int
    last: int
    groups: tuple[str, ...] = ()
    sure: bool = False
    header: tuple[str, ...] = ()
    part: str = ""
    prose: bool = False
    labels: set[str] = field(default_factory=set)


@dataclass
class Aside:
    """The lines of a section that holds no findings; `heading` of them say no more than how it is called."""

    first: int
    last: int
    role: Role
    heading: int = 0


def cut(text: str) -> tuple[list[Unit], list[Aside]]:
    """Cut a review into findings and other sections, both in order; what is in neither says nothing of its own.

    Parameters
    ----------
    text : str
        Markdown, with line feeds only.
    """
    lines = text.split("\n")
    cutter = _Cutter()
    cutter.cut(_tree(_blocks(text, lines)), ())
    units = cutter.units
    if len(units) == 1 and units[0].prose:  # one paragraph for everything
        units = list(_parts(units[0], "\n".join(lines[units[0].first : units[0].last]), every=True))
    return units, cutter.asides


def sentences(text: str) -> list[str]:
    """Split a text into its sentences; each is found in the text as it stands."""
    ends = [0, *(found.end() for found in SENTENCE.finditer(text)), len(text)]
    pieces = (text[first:last].strip() for first, last in itertools.pairwise(ends))
    return [piece for piece in pieces if re.search(r"\w", piece)]


def stretch(text: str, said: Sequence[str]) -> str:
    """Quote a text from the first of some of its sentences to the last, as it stands."""
    start = text.find(said[0])
    return text[start : text.find(said[-1], start) + len(said[-1])]


def cells_of_row(line: str) -> tuple[str, ...]:
    """Split a row of a table into its cells."""
    inside = line.strip().lstrip("> ").removeprefix("|").removesuffix("|")
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", inside))


def _tree(blocks: Iterable[_Block]) -> list[_Block]:
    """Hang each block below the heading or the list item that it belongs to."""
    top: list[_Block] = []
    path: list[_Block] = []
    for block in blocks:
        while path and path[-1].rank >= block.rank:
            path.pop()
        (path[-1].children if path else top).append(block)
        if block.kind in {"heading", "item"}:
            path.append(block)
    return top


def _blocks(text: str, lines: Sequence[str]) -> Iterator[_Block]:
    """Cut Markdown into blocks, in order; comments and what Markdown draws nothing for are in none."""

    def block(kind: Kind, first: int, end: int, rank: int = 0) -> _Block:
        rank = rank or (10 + 2 * depth if kind == "item" else 11 + 2 * depth if depth else OUTSIDE)
        return _Block(kind, first, end, rank, "\n".join(lines[first:end]))

    depth, item, table = 0, -1, -1
    parser = MarkdownIt("commonmark").enable(["table"]).disable(["reference", "inline"])
    for token in parser.parse(text):
        first, end = token.map or (0, 0)
        depth += DEPTHS.get(token.type, 0)
        if token.type == "list_item_open":
            item = first
        elif token.type == "table_open":
            table = first
        elif token.type == "tr_open":
            yield block("head" if first == table else "row", first, end)
        elif token.type in CODE or token.type == "hr":
            yield block("code" if token.type in CODE else "rule", first, end)
        elif token.type == "heading_open" and not _above_a_rule(token, lines):
            yield block("heading", first, end, int(token.tag[1:]))
        elif token.type in {"paragraph_open", "html_block", "heading_open"}:
            end -= token.type == "heading_open"
            inside = first if lines[first].lstrip().startswith("<!--") else end
            for kind, start, stop in _pieces(lines, first, inside, item=first == item):
                depth = 0 if start > first and section_label(lines[start]) else depth
                yield block(kind, start, stop, BOLD if kind == "heading" else 0)


def _above_a_rule(heading: Token, lines: Sequence[str]) -> bool:
    """Tell whether a heading is no more than text above a rule: several lines, as front matter is, or a sentence."""
    first, end = heading.map or (0, 0)
    return heading.markup[0] != "#" and (end - first > 2 or lines[first].rstrip().endswith("."))


def _pieces(lines: Sequence[str], first: int, end: int, *, item: bool) -> Iterator[tuple[Kind, int, int]]:
    """Cut a paragraph where a line opens a section or begins another finding."""
    kind: Kind = "item" if item else "text"
    start = first
    for number in range(first, end):
        line = lines[number]
        heads = (number > first or not item) and _stands_for_heading(
            line, opening=number == first, alone=end - first == 1
        )
        begins = section_label(line) or counted(line) or begins_with_place(bare(line))
        if start < number and (heads or begins):
            yield kind, start, number
            kind, start = "text", number
        if heads:
            yield "heading", number, number + 1
            start = number + 1
    if start < end:
        yield kind, start, end


def _stands_for_heading(line: str, *, opening: bool, alone: bool) -> bool:
    """Tell whether a line is a heading to a person: ``FINDINGS``, ``**1. Folds**``, ``Tools:``, ``<summary>``."""
    plain = line.strip().lstrip("> ")
    if SUMMARY.match(line) or (opening and WHOLLY_BOLD.fullmatch(plain)):
        return True
    words = bare(plain)
    return (alone or words.isupper() or words.endswith(":")) and section_of(words.rstrip(":")) != ""


class _Cutter:
    """One pass over the blocks of a review."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.asides: list[Aside] = []
        self._untitled = True

    def cut(self, blocks: Sequence[_Block], groups: tuple[str, ...]) -> None:
        """Cut what stands side by side below one heading or list item; findings are announced by any group."""
        current: Unit | None = None
        header: _Block | None = None
        within = groups
        for block, after in itertools.zip_longest(blocks, blocks[1:]):
            if block.section in SECTIONS and not (current and block.label):
                self._set_aside(block, SECTIONS[block.section])
                current = None
                within = groups if block.kind == "heading" and block.section != "praise" else within
            elif block.kind == "heading":
                within = (*within, block.title) if block.section == "findings" else within
                self._heading(block, within, alone=len(blocks) == 1 and block.several)
                current = None
            elif block.kind == "head":
                header = block
            elif block.kind == "code":
                current = self._code(block, current, within)
            elif block.kind == "rule" or _leads(block, after):
                current = None
            elif not re.search(r"\w", TAG.sub("", block.text)):
                continue
            elif current and _goes_on(current, block):
                current.last = block.last
                current.labels.add(block.label)
            elif block.stands_over:
                self.cut(block.children, (*within, block.title))
                current = None
            else:
                current = self._add(block, within, header=header if block.kind == "row" else None)

    def _set_aside(self, block: _Block, role: Role) -> None:
        """Take a section, but for what below it opens another, or begins findings below a decision."""
        names = block.kind == "heading" and section_of(block.title.rstrip(":")) and "(" not in block.title
        aside = Aside(block.first, block.end, role, block.end - block.first if names else 0)
        self.asides.append(aside)
        for number, child in enumerate(block.children):
            if child.kind == "heading" and child.section:
                self.cut([child], ())
                aside = Aside(child.last, child.last, role)
                self.asides.append(aside)
            elif role == "decision" and (
                begins_with_place(child.title) or child.label == "where" or child.tells
            ):
                self.cut(block.children[number:], (block.title,))
                return
            else:
                aside.last = child.last

    def _heading(self, block: _Block, groups: tuple[str, ...], *, alone: bool) -> None:
        """Cut what a heading stands over."""
        children = block.children
        heads = [at for at, child in enumerate(children) if child.kind == "heading" and not child.label]
        over_all = (
            self._untitled and not block.counts and (heads or alone or "review" in block.title.casefold())
        )
        self._untitled = False
        if block.section or (over_all and not has_place(block.title)):
            self.cut(children, groups)
        elif block.stands_over or (over_all and block.several):
            self.cut(children, (*groups, block.title))
        elif heads:
            if heads[0]:
                self._add(block, groups, last=children[heads[0] - 1].last)
            self.cut(children[heads[0] :], (*groups, block.title))
        else:
            self._add(block, groups)

    def _code(self, block: _Block, current: Unit | None, groups: tuple[str, ...]) -> Unit | None:
        """Take the lines of a code block that begin with a place for findings, as compilers write them."""
        lines = block.text.split("\n")
        at = [
            at
            for at, line in enumerate(lines)
            if begins_with_place(line.strip() if current and current.sure else bare(line))
        ]
        fenced = lines[-1].strip().startswith(("```", "~~~"))
        for first, last in itertools.pairwise([*at, len(lines) - fenced]):
            self.units.append(Unit(block.first + first, block.first + last, groups, sure=True))
        if at or not current:
            return None
        current.last = block.last
        return current

    def _add(
        self, block: _Block, groups: tuple[str, ...], *, last: int = 0, header: _Block | None = None
    ) -> Unit | None:
        """Begin a finding, or several in one paragraph; give the one that what follows may belong to."""
        names = cells_of_row(header.line) if header and not block.label else ()
        sure = bool(groups or block.label or block.begins or block.points or (header and header.tells))
        unit = Unit(block.first, last or block.last, groups, sure, names)
        unit.labels |= {block.label} - {""} | ({"number"} if block.kind == "text" and block.counts else set())
        unit.prose = block.kind == "text" and not unit.labels
        parts = list(_parts(unit, block.text)) if unit.prose else [unit]
        self.units += parts
        return unit if len(parts) == 1 else None


def _leads(block: _Block, after: _Block | None) -> bool:
    """Tell whether a paragraph leads to the list below it, and says nothing by itself."""
    listed = after is not None and after.kind in {"item", "head"}
    return listed and block.kind == "text" and block.title.endswith(":") and not block.begins


def _goes_on(unit: Unit, block: _Block) -> bool:
    """Tell whether a block belongs to the finding above it: one more field of it, or a text below fields."""
    if block.label:
        return not {block.label} & {"where", "title"} & unit.labels
    return bool(unit.labels) and block.kind == "text" and not block.begins and not has_place(block.text)


def _is_place(title: str) -> bool:
    """Tell whether a heading names a file and says nothing."""
    found = mentions(title)
    words = re.findall(r"\w+", found.rest)
    return bool(found.paths) and len(words) <= 1 and not category_of(" ".join(words))


def _parts(unit: Unit, text: str, *, every: bool = False) -> Iterator[Unit]:
    """Part a paragraph that speaks of several things: where a sentence names another file, or counts."""
    groups: list[list[str]] = []
    seen: set[str] = set()
    for sentence in sentences(text):
        paths = set(mentions(sentence).paths)
        if every or not groups or (seen and paths - seen) or ORDINAL.match(sentence):
            groups.append([])
            seen = set()
        groups[-1].append(sentence)
        seen |= paths
    if len(groups) < 2:
        yield unit
        return
    for group in groups:
        yield Unit(unit.first, unit.last, unit.groups, unit.sure, part=stretch(text, group))
