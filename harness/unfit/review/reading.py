"""Read: a candidate's Markdown becomes a review, tolerant of style and precise in complaint."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from unfit.grades import Finding
from unfit.review.blocks import STRONG, Block, blocks, unmarked
from unfit.review.drafts import Draft, finished
from unfit.review.labels import by_value, fields
from unfit.review.mentions import has_place, leading_place
from unfit.review.rescue import likely_findings
from unfit.review.titles import first_sentence, leading_tags
from unfit.review.words import (
    COUNTED,
    NO_VALUE,
    NUMBERING,
    decision_of,
    field_of,
    group_of,
    ignorable,
    plainly,
    section_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Review", "parse", "text_of"]

LONGEST = 192 * 1024
MOST_FINDINGS = 200
ITEM_LEVEL = 8  # deeper than any heading, bold ones included
NUMBERED = re.compile(
    r"\s*(?:(?:finding|issue|problem|defect|bug)\s*)?[#№(]?\d+\s*(?:[.):\-–—]|$)", re.IGNORECASE
)
NAMED = re.compile(rf"{COUNTED}\s*[.):\-–—]", re.IGNORECASE)
OPENING = {
    "first_three": "the first three fixes and why",
    "first_hour": "the first hour",
    "rollback": "how to roll back",
    "watch": "what to watch",
    "tools": "which tools were used",
}


@dataclass(frozen=True)
class Review:
    """What a candidate wrote.

    Parameters
    ----------
    decision : {"ship", "ship with conditions", "hold", ""}
    decision_text, first_three, first_hour, rollback, watch, tools : str
        The opening sections, in the candidate's words.
    findings : tuple of Finding
    complaints : tuple of str
        What could not be read, or is missing, each with its line where it has one.
    """

    decision: Literal["ship", "ship with conditions", "hold", ""] = ""
    decision_text: str = ""
    first_three: str = ""
    first_hour: str = ""
    rollback: str = ""
    watch: str = ""
    tools: str = ""
    findings: tuple[Finding, ...] = ()
    complaints: tuple[str, ...] = ()


def text_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a review, whatever editor wrote it; the second value says what was wrong with it."""
    complaints = []
    if len(content) > LONGEST:
        complaints.append(f"has {len(content):,} bytes; only the first {LONGEST:,} were read")
        content = content[:LONGEST]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), tuple(complaints)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) < LONGEST:
            line = content[: error.start].count(b"\n") + 1
            complaints.append(f"line {line}: is not UTF-8; read as Windows-1252")
        text = content.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), tuple(complaints)


def parse(text: str, *, name: str = "REVIEW.md") -> Review:
    """Read a review.

    Parameters
    ----------
    text : str
        Markdown.
    name : str, default="REVIEW.md"
        What findings and complaints call the file.

    Returns
    -------
    review : Review
    """
    reader = _Reader(name)
    found = blocks(_without_front_matter(text))
    for block in found:
        reader.take(block)
    review = reader.review()
    return review if review.findings else _rescued(review, found, name)


def _rescued(review: Review, found: Sequence[Block], name: str) -> Review:
    """Read what looks like findings in a review that has none, and say so."""
    picked = likely_findings(found)
    if not picked:
        return review
    again = _Reader(name)
    for block in [Block("heading", "Findings", picked[0].line, 2), *picked]:
        again.take(block)
    second = again.review()
    lines = ", ".join(finding.source.rpartition(":")[2] for finding in second.findings)
    said = f"{name}: nothing says where the findings begin; read as findings were lines {lines}"
    first = [words for words in review.complaints if words != f"{name}: holds no finding"]
    own = [words for words in second.complaints if re.match(rf"{re.escape(name)}:\d", words)]
    return replace(review, findings=second.findings, complaints=(*first, said, *own))


def _without_front_matter(text: str) -> str:
    """Open a YAML header up, so that Markdown does not take it for a heading."""
    header = re.match(r"---[ \t]*\n((?:[\w ]+:.*\n)+)---[ \t]*(?:\n|\Z)", text)
    return "\n" + header[1].replace("\n", "  \n") + "\n" + text[header.end() :] if header else text


class _Reader:
    """The state of one pass over a review's blocks."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._section = ""
        self._section_level = 0
        self._texts: dict[str, list[str]] = {}
        self._drafts: list[Draft] = []
        self._draft: Draft | None = None
        self._groups: list[tuple[int, str]] = []
        self._ruled = False
        self._headings = 0
        self._complaints: list[str] = []

    def take(self, block: Block) -> None:
        match block.kind:
            case "heading":
                self._heading(block)
            case "text" | "item":
                self._content(block)
            case "row":
                self._row(block)
            case "code":
                self._add_text(block.text.rstrip())
            case "rule":
                self._ruled = True
            case "comment":
                self._comment(block)
        if block.kind != "rule":
            self._ruled = False

    # Headings

    def _heading(self, block: Block) -> None:
        self._headings += 1
        label, colon, rest = block.text.partition(":")
        draft = self._draft
        if draft and block.level > draft.level and self._inside(draft, block, label, rest if colon else ""):
            return
        section = "" if NAMED.match(block.text) else section_of(block.text)
        named = section or (section_of(label) if colon else "")
        deeper = self._section not in {"", "findings"} and block.level > self._section_level
        if named and not (deeper and not section):
            self._open(named, block.level)
            if not section:
                self._add_text(rest)
        elif ignorable(block.text) or (self._headings == 1 and "review" in block.text.casefold()):
            self._open("", block.level)
        elif deeper:
            self._add_text(block.text)
        else:
            self._start(block)

    def _inside(self, draft: Draft, block: Block, label: str, rest: str) -> bool:
        """Read a heading below a finding's: a label of it, or more of its text; false where it starts another."""
        name = (
            field_of(label, typos=False) if rest or not block.text.rstrip().endswith(":") else field_of(label)
        )
        if name:
            draft.add(name, rest)
            return True
        if draft.is_group or not (draft.firm or draft.labelled):
            self._gather(draft)
            return False
        if section_of(block.text) == "findings":
            return False
        draft.add("", block.text)
        return True

    def _gather(self, draft: Draft) -> None:
        """Take a heading as one over findings."""
        self._draft = None
        self._groups.append((draft.level, draft.title))

    def _start(self, block: Block) -> None:
        self._close()
        if self._section != "findings" and block.level <= self._section_level:
            self._section = ""
        self._groups = [group for group in self._groups if group[0] < block.level]
        named = (
            NAMED.match(block.text)
            or group_of(block.text)
            or any(has_place(title) for _, title in self._groups)
        )
        firm = self._section == "findings" or bool(named)
        opening = self._headings == 1
        self._begin(Draft(block.text, block.line, block.level, "heading", firm=firm, opening=opening))

    def _open(self, section: str, level: int) -> None:
        self._close()
        self._groups = []
        self._section, self._section_level = section, level

    def _begin(self, draft: Draft) -> Draft:
        self._close()
        draft.groups = tuple(title for _, title in self._groups)
        self._draft = draft
        return draft

    def _close(self) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        speaks = has_place(draft.title) or bool(NUMBERED.match(draft.title) or NAMED.match(draft.title))
        if draft.is_group and not (draft.firm and group_of(draft.title) is None and speaks):
            if draft.firm and has_place(" ".join(draft.parts.get("harm", []))):
                self._drafts.append(draft)
            else:
                self._groups.append((draft.level, draft.title))
        elif draft.firm or draft.labelled or has_place(draft.title):
            self._drafts.append(draft)
        elif draft.level > 1 or not draft.opening:
            what = f"the heading `{draft.title[:60]}` is neither a section of a review nor a finding with a place"
            self._complaints.append(f"{self._name}:{draft.line}: {what}; what stands below it was not read")

    # Text

    def _content(self, block: Block) -> None:
        if block.kind == "text" and not block.depth and self._leaving(block.text.split("\n")[0]):
            self._open("", ITEM_LEVEL)
        if self._section == "findings" or (self._draft and self._draft.firm):
            self._in_finding(block)
            return
        if not self._section and (entries := _entries(block)):
            for entry in entries:
                self._in_finding(entry)
            return
        lines = block.text.split("\n")
        whole = unmarked(block.text).strip()
        loud = not self._section or whole.isupper() or whole.endswith(":")
        if len(lines) == 1 and block.kind == "text" and loud and section_of(whole):
            self._open(section_of(whole), ITEM_LEVEL)
            return
        for number, line in enumerate(lines):
            self._outside(block, line, number)

    def _leaving(self, line: str) -> str:
        """Name the section that a line behind a list of findings goes on with: "Tools: ruff"; empty for none."""
        label, colon, _ = unmarked(plainly(line)).partition(":")
        behind = self._section == "findings" and self._draft is not None and self._draft.origin != "heading"
        section = section_of(label) if behind and colon and not field_of(label, typos=False) else ""
        return section if section in {"decision", *OPENING} else ""

    def _outside(self, block: Block, line: str, number: int) -> None:
        """Read a line of an opening section, which may itself open another one."""
        if self._draft and self._draft.firm:
            self._in_finding(Block("text", line, block.line + number))
            return
        label, colon, rest = unmarked(plainly(line)).partition(":")
        if not number and label.isupper() and not rest and section_of(label):
            self._open(section_of(label), ITEM_LEVEL)
            return
        if not colon:
            marked = re.match(rf"\s*{STRONG[0]}([^{STRONG[1]}]+){STRONG[1]}\s*[-–—]?\s*(.+)", line)
            marked = marked or re.match(r"\s*([\w '’]{4,30}?)\s+[-–—=]\s+(.+)", line)
            label, rest = (marked[1], marked[2]) if marked else (label, rest)
            colon = "" if marked is None else ":"
        section = (
            section_of(label) if colon and (block.depth == 0 or not self._section or self._draft) else ""
        )
        if section:
            self._open(section, ITEM_LEVEL)
            self._add_text(rest)
        elif self._draft:
            self._in_finding(Block("text", line, block.line + number, depth=block.depth))
        elif not self._section and colon and field_of(label, typos=False) in {"where", "title"}:
            self._in_finding(Block("text", line, block.line + number))
        else:
            self._add_text(line if number or not block.mark else f"{block.mark} {line.lstrip()}")

    def _add_text(self, text: str) -> None:
        text = unmarked(text).strip()
        if not text:
            return
        if self._draft:
            self._draft.add("", text)
        elif self._section != "findings":
            self._texts.setdefault(self._section, []).append(text)

    def _in_finding(self, block: Block) -> None:
        lines = block.text.split("\n")
        pieces = list(fields(lines[0]))
        if block.kind == "item":
            self._item(block, lines, pieces)
        elif NAMED.match(unmarked(block.text)) and not pieces[0][0]:
            self._new(block, lines, "text")
        elif pieces[0][0]:
            self._labelled(block, lines, pieces)
        elif self._starts(block):
            self._new(block, lines, "text")
        elif self._draft:
            self._rest(lines)

    def _starts(self, block: Block) -> bool:
        """Tell whether an unlabelled paragraph is a finding of its own."""
        draft = self._draft
        bold = re.match(rf"\s*{STRONG[0]}([^{STRONG[1]}]+){STRONG[1]}", block.text)
        if draft is not None and draft.origin == "heading" and not draft.is_list_of_findings:
            return (
                bool(bold)
                and has_place(bold[1] if bold else "")
                and not (draft.labelled or has_place(draft.title))
            )
        if draft is not None and draft.origin != "heading" and block.depth:
            return False
        fresh = draft is None or self._ruled or draft.origin == "heading"
        leads = bool(bold) or bool(leading_place(NUMBERING.sub("", block.text, count=1))[0])
        return (fresh and has_place(block.text)) or (leads and has_place(block.text) and not fresh)

    def _item(self, block: Block, lines: list[str], pieces: list[tuple[str, str]]) -> None:
        draft = self._draft
        first = pieces[0][0]
        again = draft is not None and draft.origin == "item" and block.depth <= draft.depth
        if (
            first
            and first != "title"
            and not (again and first == "where" and "where" in (draft.parts if draft else ()))
        ):
            self._labelled(block, lines, pieces)
        elif (
            draft is None
            or again
            or draft.is_list_of_findings
            or (first == "title" and draft.is_group)
            or (draft.origin == "text" and not block.depth)
        ):
            self._new(block, lines, "item")
        else:
            self._rest(lines)

    def _labelled(self, block: Block, lines: list[str], pieces: list[tuple[str, str]]) -> None:
        draft, name = self._draft, pieces[0][0]
        again = draft is not None and (self._ruled or name in draft.parts or name == "title")
        below = draft is not None and draft.origin == "item" and block.depth > draft.depth
        loose = draft is None or (draft.origin != "heading" and again and not below)
        if draft is None or (loose and name in {"title", "where"}) or (self._ruled and loose):
            if name == "title":
                self._new(block, lines, "text")
                return
            self._begin(Draft("", block.line, ITEM_LEVEL, "text", depth=block.depth, firm=True))
        elif name == "title" and draft.title:
            pieces = [("harm", pieces[0][1]), *pieces[1:]]
            self._put(pieces)
            self._rest(lines[1:])
            return
        self._rest(lines)

    def _new(self, block: Block, lines: list[str], origin: Literal["item", "text"]) -> None:
        """Start a finding with a list item or a paragraph; its title is what is bold, or the first sentence."""
        if self._draft and self._draft.origin == "heading":
            self._gather(self._draft)
        bold = re.match(rf"\s*{STRONG[0]}([^{STRONG[1]}]+){STRONG[1]}\s*[-–—:.,]*\s*(.*)", lines[0])
        name = field_of(bold[1].rstrip(" :."), typos=False) if bold else ""
        place = ""
        if bold and not name:
            title, rest = bold[1], bold[2]
        else:
            place, line = leading_place(NUMBERING.sub("", lines[0], count=1))
            pieces = list(fields(line))
            title, rest = first_sentence(pieces[0][1])
            rest = " ".join([rest, *(f"\n{part}: {text}" for part, text in pieces[1:])]).strip()
        draft = self._begin(Draft(title, block.line, ITEM_LEVEL, origin, depth=block.depth, firm=True))
        draft.tags |= {"where": place} if place else {}
        rest = leading_tags(rest, draft.tags)
        draft.parts["title line"] = [unmarked(lines[0])]
        self._rest([*rest.split("\n"), *lines[1:]])

    def _rest(self, lines: list[str]) -> None:
        for line in lines:
            section = self._leaving(line)
            if section:
                self._open(section, ITEM_LEVEL)
                self._add_text(line.partition(":")[2])
            elif self._draft:
                self._put(list(fields(line)))
            else:
                self._add_text(line)

    def _put(self, pieces: list[tuple[str, str]]) -> None:
        if self._draft is None:
            return
        for name, text in pieces:
            if name == "where" and re.fullmatch(r"[\d\s,–-]*\d", text.strip()):
                text = f"line {text.strip()}"  # noqa: PLW2901 - "Line: 34"
            if name or (text.strip() and field_of(text, typos=False) != "status"):
                self._draft.add(by_value(name, text), text)

    # Tables

    def _row(self, block: Block) -> None:
        names = [field_of(cell) for cell in block.header]
        columns = {name for name in names if name} - {"number", "status"}
        if len(columns) > 1 and (columns & {"where", "category", "severity"}) and not _pairs(block, names):
            self._row_finding(block, names)
        elif len(block.cells) == 2 and (self._draft or self._section == "findings"):
            if field_of(block.header[0]) and not field_of(block.header[1]):
                self._pair(block, *block.header)
            self._pair(block, *block.cells)
        else:
            self._add_text(block.text)

    def _pair(self, block: Block, label: str, value: str) -> None:
        name = field_of(label)
        if name and self._draft is None:
            self._begin(Draft("", block.line, ITEM_LEVEL, "text", firm=True))
        if name and self._draft and self._draft.parts.get(name) != [value]:
            self._draft.add(by_value(name, value), value)

    def _row_finding(self, block: Block, names: list[str]) -> None:
        if self._draft and not self._draft.is_group and self._draft.origin == "heading":
            self._close()
        if not any(cell.strip(" -–—") for cell in block.cells):
            return
        draft = self._begin(Draft("", block.line, ITEM_LEVEL, "row", firm=True))
        titled = "title" in names
        for name, head, cell in zip(names, block.header, block.cells, strict=False):
            value = cell if cell.casefold() not in NO_VALUE else ""
            if name == "harm" and not titled:
                draft.title, titled = first_sentence(value)[0], True
            if name == "title" and not draft.title:
                draft.title = value
            elif name == "where" and value.isdigit():
                draft.add("where", f"{head.casefold()} {value}")
            elif value and name and name != "number":
                draft.add(by_value(name, value), value)
            elif value and head.strip(" #№"):
                draft.add("harm", f"{head}: {value}")
        draft.current = "harm"
        self._close()

    def _comment(self, block: Block) -> None:
        labels = re.findall(
            r"^[^\w\n]*where[^\w\n]*:(?!\**\s*src/package/module\.py)[^\w\n]*\S",
            block.text,
            re.IGNORECASE | re.MULTILINE,
        )
        if labels:
            what = "a comment (<!-- -->) holds what looks like a finding, and comments are not read"
            self._complaints.append(f"{self._name}:{block.line}: {what}")

    # The end

    def review(self) -> Review:
        self._close()
        drafts = self._drafts[:MOST_FINDINGS]
        if len(self._drafts) > MOST_FINDINGS:
            self._complaints.append(f"{self._name}: only the first {MOST_FINDINGS} findings were read")
        findings = tuple(
            finished(draft, number, name=self._name, complaints=self._complaints)
            for number, draft in enumerate(drafts, start=1)
        )
        texts = {name: "\n".join(parts) for name, parts in self._texts.items()}
        preamble = texts.pop("", "")
        said = texts.pop("decision", "") or (preamble if decision_of(preamble) else "")
        decision = decision_of(said)
        if said and not decision:
            what = f"the decision `{said.splitlines()[0][:60]}` is none of ship, ship with conditions, hold"
            self._complaints.append(f"{self._name}: {what}")
        elif not said:
            self._complaints.append(f"{self._name}: no decision: ship, ship with conditions, or hold")
        missing = [
            words for name, words in OPENING.items() if not texts.get(name, "").strip("0123456789. \n")
        ]
        if missing:
            self._complaints.append(f"{self._name}: says nothing about {', '.join(missing)}")
        if not findings:
            self._complaints.append(f"{self._name}: holds no finding")
        return Review(
            decision=decision,
            decision_text=said,
            **{name: texts.get(name, "") for name in OPENING},
            findings=findings,
            complaints=tuple(self._complaints),
        )


def _pairs(block: Block, names: list[str]) -> bool:
    """Tell a table of labels and values from a table of findings."""
    return (
        len(block.cells) == 2
        and bool(names[0])
        and (not names[1] or bool(field_of(block.cells[0], typos=False)))
    )


def _entries(block: Block) -> list[Block]:
    """Split a paragraph into findings where its lines, or its start, begin with a place: ``"(2) a.py:3: ..."``."""
    lines = block.text.split("\n")
    starts = [
        index
        for index, line in enumerate(lines)
        if leading_place(NUMBERING.sub("", unmarked(line), count=1))[0]
    ]
    if not starts:
        return []
    pieces = itertools.pairwise([*starts, len(lines)])
    return [
        Block("text", "\n".join(lines[first:last]), block.line + first, depth=block.depth)
        for first, last in pieces
    ]
