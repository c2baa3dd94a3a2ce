"""Read: a candidate's Markdown becomes quotes: findings, the decision, what else was asked for, and the rest."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unfit.grades import Finding
from unfit.review.cutting import Aside, Role, Unit, cells_of_row, cut, sentences, stretch
from unfit.review.mentions import mentions
from unfit.review.part_names import (
    NUMBERING,
    PUTTING_OFF,
    SHIPPING,
    bare,
    categories_in,
    category_of,
    fields_of,
    group_of,
    hinted,
    label_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["LONGEST", "Passage", "Review", "finding_of", "parse", "put_off_in", "text_of"]

LONGEST = 192 * 1024
MOST_FINDINGS = 200
MOST_READ = 8_000
LONGEST_TITLE = 140
MOST_CATEGORIES = 2
"""A finding that names more categories than this says nothing by them."""
SPEAKS_OF_SHIPPING = re.compile(rf"\b(?:{'|'.join(SHIPPING)})\b", re.IGNORECASE)
TELLS_OF_SHIPPING = re.compile(
    r"\b(?:is|are|was|were|as|been|already|gets?|got)\s+(?:\w+ly\s+)?(?:shipped|deployed)\b", re.IGNORECASE
)
"""What has left, or leaves every day: no word on whether this should."""
MOST_SENTENCES = 6
SHORT_PARAGRAPH = 400
HIDDEN = re.compile(
    r"^[^\w\n]*where[^\w\n]*:(?!\**\s*src/package/module\.py)[^\w\n]*\S", re.IGNORECASE | re.MULTILINE
)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
LEFT = re.compile(
    r"\W*(?:defer|put off|postpon|not (?:fixed|mended|done)|open\b|left|later|won['’]?t|todo|skipp|no\b)",
    re.IGNORECASE,
)
BECAUSE = (
    r"(?:\s+(?:it|this|that|these|here|yet|either)){0,2}\s*(?:[,;:(–—-]|\s(?:because|since|as|for lack|for want|due)\b|"
    r"[.]\s+(?=(?:no|ran|out|not enough|too)\b))"
)
"""What makes a reason of "not fixed": a reason behind it."""
PUT_OFF = re.compile(
    "|".join(
        [rf"\b(?:{way})\b" for way in PUTTING_OFF["always"]]
        + [rf"(?:{way}){BECAUSE}" for way in PUTTING_OFF["with_a_reason"]]
        + PUTTING_OFF["between_signs"]
    ).replace(" ", r"\s+"),
    re.IGNORECASE,
)


SOMETHING = re.compile(
    r"(\w+)\s+(?:(?:is|are|was|were|will|would|can|could|has|have|had|gets?|be|been|being|simply|just|then)\s+)+$",
    re.IGNORECASE,
)
"""What is put off, where that is said in the passive."""
DENIED = re.compile(
    r"(?:\b(?:not|never|nothing|none|without|cannot)|n['’]t)\b(?:\s+(?!(?:and|but|so|then|because)\b)\w+){0,3}\s*$",
    re.IGNORECASE,
)
"""What turns a word of putting off round: "not put off", "must not be postponed"."""


@dataclass(frozen=True)
class Passage:
    """Some whole lines of a review, as they stand.

    Parameters
    ----------
    role : str
        What they were read as; "rest" for nothing of its own.
    text : str
        The lines, verbatim.
    line : int
        The first, counted from one.
    heading : int
        How many lines of it say no more than how the section is called.
    source : str
        What holds it, where that is not the review's own file.
    """

    role: Role
    text: str
    line: int
    heading: int = 0
    source: str = ""

    @property
    def said(self) -> str:
        """What it says, without comments, and without that heading unless it asks for the decision."""
        lines = self.text.split("\n")
        asked = [bare(one) for one in lines[: self.heading] if self.role == "decision" and "?" in one]
        lines = [*asked, *lines[self.heading :]]
        return COMMENT.sub("", "\n".join(lines)).strip("\n")


@dataclass(frozen=True)
class Review:
    """What a candidate wrote, in the candidate's words.

    Parameters
    ----------
    passages : tuple of Passage
        Every line of it, in order.
    findings : tuple of Finding
        Each quotes its block in `text`.
    unsure : frozenset of str
        Sources of findings that nothing announces; what of them matches no defect is no finding.
    decision : tuple of str
        The section of that name, or else the sentences that speak of shipping, merging or approving.
    announced : bool
        Whether a section says that this is the decision.
    complaints : tuple of str
        What could not be read, or is missing.
    """

    passages: tuple[Passage, ...] = ()
    findings: tuple[Finding, ...] = ()
    unsure: frozenset[str] = frozenset()
    decision: tuple[str, ...] = ()
    announced: bool = False
    complaints: tuple[str, ...] = ()

    def said(self, role: Role) -> str:
        """Quote everything that was read in one role, without its headings."""
        return "\n\n".join(self.parts(role))

    def parts(self, role: Role) -> tuple[str, ...]:
        """Quote each passage that was read in one role by itself, without its heading."""
        said = (passage.said for passage in self.passages if passage.role == role)
        return tuple(text for text in said if re.search(r"[^\W\d_]", text))


def text_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a review, whatever editor wrote it; the second value says what was wrong with it."""
    complaints = []
    if len(content) > LONGEST:
        complaints.append(f"has {len(content):,} bytes; only the first {LONGEST:,} were read")
        content = content[:LONGEST]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if len(content) < LONGEST:
                line = content[: error.start].count(b"\n") + 1
                complaints.append(f"line {line}: is not UTF-8; read as Windows-1252")
            text = content.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), tuple(complaints)


def parse(text: str, *, name: str = "REVIEW.md", place: str = "") -> Review:
    """Read a review.

    Parameters
    ----------
    text : str
        Markdown.
    name : str, default="REVIEW.md"
        What findings call the file.
    place : str, optional
        Where findings point that name no place, as those in a cell of a notebook do.

    Returns
    -------
    review : Review
    """
    lines = text.split("\n")
    units, asides = cut(text)
    complaints = []
    if len(units) > MOST_FINDINGS:
        complaints.append(
            f"{name}: only the first {MOST_FINDINGS} findings were read; the rest is shown as it stands"
        )
        del units[MOST_FINDINGS:]
    findings: list[Finding] = []
    for number, unit in enumerate(units, start=1):
        source = f"{name}:{unit.first + 1}"
        again = findings and findings[-1].source == source
        findings.append(_finding(unit, lines, f"{source} ({number})" if again else source, number, place))
    unsure = frozenset(one.source for one, unit in zip(findings, units, strict=True) if not unit.sure)
    passages = _passages(lines, units, asides)
    review = Review(passages, tuple(findings), unsure)
    said = review.parts("decision")
    sure = {unit.first + 1 for unit in units if unit.sure}
    decision = said or _speaking_of_shipping(passages, sure)
    if any(HIDDEN.search(comment[0]) for comment in COMMENT.finditer(text)):
        complaints.append(
            f"{name}: a comment (<!-- -->) holds what looks like a finding; it is shown and not matched"
        )
    if not decision:
        complaints.append(f"{name}: no sentence says whether to ship")
    if not findings:
        complaints.append(f"{name}: holds no finding")
    return replace(review, decision=decision, announced=bool(said), complaints=tuple(complaints))


def finding_of(text: str, *, source: str, where: str = "") -> Finding:
    """Read a text as one finding, as a comment on a line of code is one.

    Parameters
    ----------
    text : str
        Markdown, as written.
    source : str
        What the finding calls it.
    where : str, optional
        Where it stands; what the text itself calls its place is added.
    """
    lines = text.split("\n")
    finding = _finding(Unit(0, len(lines), sure=True), lines, source, 1, "")
    stated = fields_of(COMMENT.sub("", text[:MOST_READ])).get("where", "") if where else finding.where
    return finding.model_copy(update={"where": ", ".join(filter(None, (where, stated)))[:400]})


def _passages(lines: Sequence[str], units: Iterable[Unit], asides: Iterable[Aside]) -> tuple[Passage, ...]:
    """Quote findings and sections, and what stands between them."""
    rest = Aside(0, 0, "rest")
    owners = [rest] * len(lines)
    findings = {unit.first: Aside(unit.first, unit.last, "finding") for unit in units}
    for part in (*asides, *findings.values()):
        owners[part.first : part.last] = [part] * (part.last - part.first)
    found: list[Passage] = []
    for _, numbers in itertools.groupby(range(len(lines)), key=lambda number: id(owners[number])):
        if said := [number for number in numbers if lines[number].strip()]:
            owner = owners[said[0]]
            text = "\n".join(lines[said[0] : said[-1] + 1])
            heading = owner.heading if said[0] == owner.first else 0
            found.append(Passage(owner.role, text, said[0] + 1, heading))
    return tuple(found)


def _speaking_of_shipping(passages: Sequence[Passage], findings: Collection[int]) -> tuple[str, ...]:
    """Quote what speaks of shipping, merging or approving: outside findings, else in what may be one, else in them.

    A short paragraph is quoted as a whole, and of a long one the sentence with the next: half an answer may be turned
    round.
    """
    for wanted in range(3):
        found: list[str] = []
        for passage in passages:
            if (passage.role == "finding") + (passage.line in findings) != wanted:
                continue
            for paragraph in re.split(r"\n\s*\n", COMMENT.sub("", passage.text)):
                said = sentences(paragraph)
                told = [TELLS_OF_SHIPPING.sub("", one) for one in said]
                speaking = [number for number, one in enumerate(told) if SPEAKS_OF_SHIPPING.search(one)]
                if speaking and len(paragraph) <= SHORT_PARAGRAPH and wanted == 0:
                    found.append(paragraph.strip("\n"))
                else:
                    found += [stretch(paragraph, said[number : number + 2]) for number in speaking]
        if found:
            return tuple(found[:MOST_SENTENCES])
    return ()


def _finding(unit: Unit, lines: Sequence[str], source: str, number: int, place: str) -> Finding:
    text = unit.part or "\n".join(lines[unit.first : unit.last]).strip("\n")
    read = COMMENT.sub("", text[:MOST_READ])
    told = _as_labels(read, unit.header) if unit.header else read
    fields = fields_of(told)
    where = fields.get("where", "")
    if not mentions(where).paths:
        around = [
            *(mentions(group).written or group for group in unit.groups if mentions(group).paths),
            place,
        ]
        found = "" if where else _places(read)
        named = bool(mentions(found).paths)
        where = ", ".join(filter(None, [*([] if named else around), where, found]))
    return Finding(
        title=_title(unit, read, fields) or f"Finding {number}",
        text=text,
        where=where[:400],
        category=", ".join(_categories(read, fields, unit.groups)),
        put_off=_put_off(told, fields),
        source=source,
    )


def _as_labels(row: str, header: Sequence[str]) -> str:
    """Write a row of a table as labelled lines; a number keeps the name of its column."""
    cells = zip(header, cells_of_row(row), strict=False)
    return "\n".join(
        f"{name}: {name} {cell}" if cell.isdigit() else f"{name}: {cell}" for name, cell in cells
    )


def _title(unit: Unit, text: str, fields: dict[str, str]) -> str:
    """Shorten what a finding opens with to a line; only for lists and to name it by."""
    if unit.header:
        cells = [cell for cell in cells_of_row(text) if not category_of(cell)]
        says = [cell for cell in cells if not mentions(cell).paths]
        return _short(bare(fields.get("title") or max(says or cells, key=len, default="")))
    for line in text.split("\n"):
        plain = NUMBERING.sub("", bare(line), count=1).strip(" *_:–—-.")
        if re.search(r"\w", plain) and not label_of(line) and not line.lstrip().startswith(("```", "~~~")):
            return _short(plain)
    return _short(fields.get("title") or fields.get("harm") or fields.get("where") or "")


def _short(text: str) -> str:
    text = " ".join(text.split())
    found = re.match(r"(.{12,140}?[^.\s`A-Z])[.!?]\s+(?=\S)", text)
    text = found[1] if found and found[1].count("(") == found[1].count(")") else text
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _categories(text: str, fields: dict[str, str], groups: Sequence[str]) -> tuple[str, ...]:
    """Name the categories that a finding states; a list of them is none."""
    found = (
        category_of(fields.get("category", ""))
        or categories_in(text)
        or tuple(dict.fromkeys(name for group in reversed(groups) for name in group_of(group) or ()))
        or hinted(text)
    )
    return found if len(found) <= MOST_CATEGORIES else ()


def _places(text: str) -> str:
    """Quote where a finding points when no label says so."""
    found = mentions(text)
    if found.paths:
        return ", ".join([found.written, *(path for path in found.paths if path not in found.written)])
    call = re.search(r"`?(?<![\w.])[A-Za-z_][\w.]{0,80}\(\)`?", text)
    return call[0] if call else found.written


def _put_off(text: str, fields: dict[str, str]) -> str:
    """Quote the words that say that a finding was put off; empty for none."""
    if fields.get("put_off"):
        return fields["put_off"]
    if LEFT.match(fields.get("status", "")):
        return fields["status"]
    return put_off_in(
        "\n".join(line for line in text.split("\n") if (label_of(line) or ("",))[0] != "put_off")
    )


def put_off_in(text: str) -> str:
    """Quote the part of a sentence in which a text says that something was put off; empty for none."""
    for sentence in sentences(text):
        if found := next(filter(_is_put_off, PUT_OFF.finditer(sentence)), None):
            before = re.split(r"[,;:] |\(| [-–—] |\n", sentence[: found.start()])[-1]
            words = (before + sentence[found.start() :]).strip(" ,;:-–—\n")
            return words if words.count("(") >= words.count(")") else words.removesuffix(")")
    return ""


def _is_put_off(found: re.Match[str]) -> bool:
    """Tell whether a finding is put off, and not something of the story, and whether it is not denied."""
    before = found.string[: found.start()]
    thing = SOMETHING.search(before)
    return not DENIED.search(before) and (
        thing is None or thing[1].casefold() in PUTTING_OFF["put_off_things"]
    )
