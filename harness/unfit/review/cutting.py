"""Cutting: which blocks of a review hang together as one finding, and which lines are something else."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from unfit.review.blocks import Block, blocks
from unfit.review.mentions import has_place, leading_place, mentions
from unfit.review.words import (
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
    from collections.abc import Iterator, Sequence

__all__ = ["OPENING", "Role", "Unit", "cut", "sentences"]

Role = Literal["finding", "decision", "first_three", "first_hour", "rollback", "watch", "tools", "rest"]
OPENING: tuple[Role, ...] = ("decision", "first_three", "first_hour", "rollback", "watch", "tools")
SENTENCE = re.compile(r"[.!?]+[)\"”’*_]*(?=\s+\S)|\n(?=\s*(?:\n|[-*+]\s|\d+[.)]\s|[\w ]{1,30}:\s|$))")
ORDINAL = re.compile(
    r"\s*(?:\W?\d{1,2}[.)]|(?:first|second|third|fourth|fifth|next|also|finally|lastly|then|another|besides|"
    r"in addition|on top of that|moreover|furthermore)(?:ly)?\b)",
    re.IGNORECASE,
)
TELLING_COLUMNS = 2


@dataclass
class Unit:
    """The lines of one finding, while a review is cut.

    Parameters
    ----------
    first, last : int
        Lines, counted from nought; the last is not part of it.
    groups : tuple of str
        Headings above it that name a category or a place for all that stands below.
    sure : bool
        Whether something says that it is a finding: a heading above it, a number, a place.
    header : tuple of str
        Column names, of a row of a table.
    part : str
        The words of it that are meant, where it shares its lines with other findings.
    """

    first: int
    last: int
    groups: tuple[str, ...] = ()
    sure: bool = False
    header: tuple[str, ...] = ()
    part: str = ""
    labelled: bool = False
    numbered: bool = False
    prose: bool = False
    labels: set[str] = field(default_factory=set)


@dataclass
class _Node:
    block: Block
    children: list[_Node] = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.children[-1].last if self.children else self.block.last


def cut(text: str) -> tuple[list[Unit], list[Role]]:
    """Cut a review into findings, and say of each line what it belongs to.

    Parameters
    ----------
    text : str
        Markdown, with line feeds only.

    Returns
    -------
    units : list of Unit
        In order.
    roles : list of str
        One for each line; blank lines go with the line before.
    """
    lines = text.split("\n")
    cutter = _Cutter(lines)
    cutter.siblings(_tree(blocks(text)), (), sure=False)
    units = cutter.units
    if len(units) == 1 and units[0].prose:  # one paragraph for everything
        units = list(_parts(units[0], lines, every=True))
    return units, cutter.roles


def sentences(text: str) -> list[str]:
    """Split a text into its sentences; each is found in the text as it stands."""
    ends = [0, *(found.end() for found in SENTENCE.finditer(text)), len(text)]
    pieces = (text[first:last].strip() for first, last in itertools.pairwise(ends))
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _tree(found: Sequence[Block]) -> list[_Node]:
    """Hang each block below the heading or the list item that it belongs to."""
    top: list[_Node] = []
    path: list[tuple[int, _Node]] = []
    for block in found:
        if block.kind == "heading":
            rank = block.level
        elif block.kind == "item":
            rank = 10 + 2 * block.depth
        else:
            rank = 11 + 2 * block.depth if block.depth else 12
        while path and path[-1][0] >= rank:
            path.pop()
        node = _Node(block)
        (path[-1][1].children if path else top).append(node)
        if block.kind in {"heading", "item"}:
            path.append((rank, node))
    return top


class _Cutter:
    """One pass over the tree; it remembers the lines, and what each of them is."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.roles: list[Role] = ["rest"] * len(lines)
        self.units: list[Unit] = []
        self._headings = 0

    def siblings(self, nodes: Sequence[_Node], groups: tuple[str, ...], *, sure: bool) -> None:
        """Cut what stands side by side below one heading or list item."""
        current: Unit | None = None
        header: tuple[str, ...] = ()
        for number, node in enumerate(nodes):
            after = nodes[number + 1] if number + 1 < len(nodes) else None
            match node.block.kind:
                case "heading":
                    sure, current = self._heading(node, groups, sure=sure), None
                case "item" | "text":
                    current = self._words(node, after, current, groups, sure=sure)
                case "head":
                    header = self._cells(node)
                    if self._is_list_of_values(node, after):
                        current = self._joined(current, node, groups, sure=True)
                        header = ()
                case "row" if header:
                    known = sum(bool(field_of(cell)) for cell in header) >= TELLING_COLUMNS
                    self._unit(node, groups, sure=sure or known or self._points(node), header=header)
                case "row":
                    current = self._joined(current, node, groups, sure=sure)
                case "code":
                    current = self._code(node, current, groups)
                case "rule":
                    current = None

    # Headings

    def _heading(self, node: _Node, groups: tuple[str, ...], *, sure: bool) -> bool:
        """Cut what a heading stands over; tell whether what follows on its level are findings."""
        self._headings += 1
        title = bare(self.lines[node.block.first])
        section = section_of(title) or (section_label(title) or ("", ""))[0]
        if section in OPENING:
            self._section(node, section)
            return False
        if section == "praise":
            return sure
        heads = [
            child for child in node.children if child.block.kind == "heading" and not self._is_field(child)
        ]
        opens = self._headings == 1 and not counted(title) and (heads or "review" in title.casefold())
        if section or (opens and not has_place(title)):
            self.siblings(node.children, groups, sure=sure or section == "findings")
            return sure or section == "findings"
        over = bool(heads) or self._several(node)
        if (over and (group_of(title) is not None or _is_place(title))) or self._is_list(node, title):
            self.siblings(node.children, (*groups, title), sure=True)
        elif heads:
            first = node.children.index(heads[0])
            if first:
                self._unit(node, groups, sure=sure, last=node.children[first - 1].last)
            self.siblings(node.children[first:], (*groups, title), sure=sure)
        else:
            self._unit(node, groups, sure=sure or counted(title) or self._points(node))
        return sure

    def _section(self, node: _Node, section: str) -> None:
        """Mark an opening section, but for headings below it that open another."""
        role = next(name for name in OPENING if name == section)
        self._mark(node.block.first, node.block.last, role)
        for number, child in enumerate(node.children):
            line = self.lines[child.block.first]
            if child.block.kind == "heading" and section_of(bare(line)):
                self._heading(child, (), sure=False)
            elif role == "decision" and self._begins_findings(child):
                self.siblings(node.children[number:], (), sure=True)
                return
            else:
                self._mark(child.block.first, child.last, role)

    def _begins_findings(self, node: _Node) -> bool:
        """Tell whether findings begin in a section that is called otherwise."""
        if node.block.kind == "head":
            return sum(bool(field_of(cell)) for cell in self._cells(node)) >= TELLING_COLUMNS
        line = self.lines[node.block.first]
        return bool(leading_place(bare(line))[0]) or self._label(node) == "where"

    def _is_field(self, node: _Node) -> bool:
        return bool(field_of(bare(self.lines[node.block.first]).rstrip(":"), typos=False))

    def _several(self, node: _Node) -> bool:
        """Tell whether more than the fields, or one text, of a single finding stand below a heading."""
        texts = [
            child
            for child in node.children
            if child.block.kind in {"item", "text", "row"} and not self._label(child)
        ]
        return len(texts) > 1 or any(child.block.kind in {"item", "row"} for child in texts)

    def _is_list(self, node: _Node, title: str) -> bool:
        """Tell whether a heading stands over a list of findings, and not over the details of one."""
        items = [child for child in node.children if child.block.kind == "item" and not self._label(child)]
        pointing = sum(self._points(item) for item in items)
        return len(items) > 1 and not counted(title) and 2 * pointing >= len(items)

    # Text

    def _words(
        self, node: _Node, after: _Node | None, current: Unit | None, groups: tuple[str, ...], *, sure: bool
    ) -> Unit | None:
        """Cut a paragraph or a list item; give the finding that what follows may belong to."""
        line = self.lines[node.block.first]
        label = self._label(node)
        opening = section_label(line)
        if opening and not (current and label):
            role = next(name for name in OPENING if name == opening[0])
            self._mark(node.block.first, node.last, role)
            return None
        if not any(bare(line) for line in self.lines[node.block.first : node.last]):
            return self._joined(current, node, groups, sure=sure) if current else None
        if label:
            restarts = current is None or (label in {"where", "title"} and label in current.labels)
            unit = self._joined(None if restarts else current, node, groups, sure=True)
            unit.labels.add(label)
            unit.labelled = True
            return unit
        below = [child for child in node.children if child.block.kind == "item" and not self._label(child)]
        title = bare(line)
        if below and (group_of(title) is not None or _is_place(title) or title.endswith(":")):
            self.siblings(node.children, (*groups, title), sure=True)
            return None
        begins = counted(line) or bool(leading_place(title)[0])
        if node.block.kind == "text" and not begins:
            if current and (current.labelled or current.numbered) and not has_place(self._text(node)):
                return self._joined(current, node, groups, sure=sure)
            if title.endswith(":") and after and after.block.kind in {"item", "head"}:
                return None
        unit = self._unit(node, groups, sure=sure or begins or self._points(node))
        unit.numbered = counted(line) and node.block.kind == "text"
        if node.block.kind == "text" and not unit.numbered:
            unit.prose = True
            parts = list(_parts(unit, self.lines))
            self.units[-1:] = parts
            return None if len(parts) > 1 else unit
        return unit

    def _code(self, node: _Node, current: Unit | None, groups: tuple[str, ...]) -> Unit | None:
        """Take the lines of a code block that begin with a place for findings, as compilers write them."""
        block = node.block
        starts = [
            number
            for number in range(block.first, block.last)
            if leading_place(self.lines[number].strip())[0]
        ]
        if not starts:
            return self._joined(current, node, groups, sure=True) if current else None
        for first, last in itertools.pairwise([*starts, block.last]):
            end = last - (last == block.last and self.lines[last - 1].strip().startswith(("```", "~~~")))
            self._add(Unit(first, end, groups, sure=True))
        return None

    # Tables

    def _cells(self, node: _Node) -> tuple[str, ...]:
        return row_cells(self.lines[node.block.first])

    def _is_list_of_values(self, node: _Node, after: _Node | None) -> bool:
        """Tell a table of labels and values from a table of findings."""
        header = self._cells(node)
        if len(header) != 2 or after is None or after.block.kind != "row":
            return False
        second = field_of(header[1], typos=False)
        return not second and bool(field_of(self._cells(after)[0], typos=False))

    # Pieces

    def _label(self, node: _Node) -> str:
        found = label_of(self.lines[node.block.first])
        return found[0] if found else ""

    def _points(self, node: _Node) -> bool:
        text = self._text(node)
        return has_place(text) or re.search(r"\w\(\)", text) is not None

    def _text(self, node: _Node) -> str:
        return "\n".join(self.lines[node.block.first : node.last])

    def _unit(
        self, node: _Node, groups: tuple[str, ...], *, sure: bool, last: int = 0, header: tuple[str, ...] = ()
    ) -> Unit:
        return self._add(Unit(node.block.first, last or node.last, groups, sure, header))

    def _joined(self, unit: Unit | None, node: _Node, groups: tuple[str, ...], *, sure: bool) -> Unit:
        if unit is None:
            return self._unit(node, groups, sure=sure)
        unit.last = node.last
        self._mark(unit.first, unit.last, "finding")
        return unit

    def _add(self, unit: Unit) -> Unit:
        self._mark(unit.first, unit.last, "finding")
        self.units.append(unit)
        return unit

    def _mark(self, first: int, last: int, role: Role) -> None:
        self.roles[first:last] = [role] * (last - first)


def row_cells(line: str) -> tuple[str, ...]:
    """Split a row of a table into its cells."""
    inside = line.strip().lstrip("> ").removeprefix("|").removesuffix("|")
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", inside))


def _is_place(title: str) -> bool:
    """Tell whether a heading names a file and says nothing."""
    found = mentions(title)
    words = re.findall(r"\w+", found.rest)
    few = 2
    return bool(found.paths) and len(words) <= few and not category_of(" ".join(words))


def _parts(unit: Unit, lines: Sequence[str], *, every: bool = False) -> Iterator[Unit]:
    """Part a paragraph that speaks of several things: where a sentence names another file, or counts."""
    text = "\n".join(lines[unit.first : unit.last])
    said = sentences(text)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for sentence in said:
        paths = set(mentions(sentence).paths)
        turns = bool(seen and paths - seen) or ORDINAL.match(sentence) is not None
        if every or turns or not groups:
            groups.append([])
            seen = set()
        groups[-1].append(sentence)
        seen |= paths
    if len(groups) < 2:
        yield unit
        return
    for group in groups:
        part = text[text.find(group[0]) : text.find(group[-1], text.find(group[0])) + len(group[-1])]
        yield Unit(unit.first, unit.last, unit.groups, unit.sure, part=part)
