"""Read: a candidate's Markdown becomes quotes: findings, the decision, what else was asked for, and the rest."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unfit.grades import Finding
from unfit.review.cutting import Role, Unit, cut, row_cells, sentences
from unfit.review.mentions import mentions
from unfit.review.words import (
    NUMBERING,
    TAG,
    bare,
    category_of,
    field_of,
    fields_of,
    group_of,
    label_of,
    section_of,
    severity_of,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LONGEST", "Passage", "Review", "parse", "put_off_in", "text_of"]

LONGEST = 192 * 1024
MOST_FINDINGS = 200
MOST_READ = 8_000
LONGEST_TITLE = 140
MOST_CATEGORIES = 2
"""A finding that names more categories than this says nothing by them."""
SPEAKS_OF_SHIPPING = re.compile(
    r"\b(?:ship(?:s|ped|ping)?|merg(?:e|ed|ing)|approv(?:e|ed|al|ing)|releas(?:e|ed|ing)|deploy(?:ed|ing|ment)?|lgtm|"
    r"go(?:ing|es)? live|no[- ]?go|go/no-go|sign(?:ed)?[- ]?off|roll(?:ed|ing)?[- ]?out|hold|block(?:ed|ing)?|"
    r"reject(?:ed|ing)?|production[- ]ready|ready for production|request(?:ing)? changes|needs work)\b",
    re.IGNORECASE,
)
MOST_SENTENCES = 6
SHORT_PARAGRAPH = 400
HIDDEN = re.compile(
    r"^[^\w\n]*where[^\w\n]*:(?!\**\s*src/package/module\.py)[^\w\n]*\S", re.IGNORECASE | re.MULTILINE
)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
LEFT = re.compile(
    r"^\W*(?:defer|put off|postpon|not (?:fixed|mended|done)|open\b|left|later|won['’]?t|todo|skipp|no\b)",
    re.IGNORECASE,
)
ABOUT = r"(?:\s+(?:it|this|that|these|here|yet|either)){0,2}"
BECAUSE = (
    rf"{ABOUT}\s*(?:[,;:(–—-]|\s(?:because|since|as|for lack|for want|due)\b|"
    r"[.]\s+(?=(?:no|ran|out|not enough|too)\b))"
)
"""What makes a reason of "not fixed": a reason behind it."""
PUT_OFF = re.compile(
    r"\bput(?:ting)?\s+(?:(?:it|this|that|them)\s+)?off\b|\bpostpon(?:ed|ing)\b|\bdeferr(?:ed|ing)\b|"
    r"\b(?:left|leav(?:e|ing)|kept)\s+(?:(?:it|this|that)\s+)?"
    r"(?:for\s+(?:later|another|a\s+later|next|now|the\s+next)|alone\b|unfixed|out\s+of\s+scope)|"
    r"\bfor\s+later\b|\bout\s+of\s+scope\b|\bnot\s+now\b|\bnext\s+(?:sprint|iteration|release)\b|"
    r"\bfollow[- ]?up\s+(?:ticket|pr|task)|"
    r"\bno\s+(?:more\s+)?time(?:\s+left)?(?=\s*(?:$|[,.;:!)–—]|\s(?:to|for|so|but|and|here|today)\b))|"
    r"\b(?:ran|run|running|was|am|were)\s+out\s+of\s+time|(?:^|[,.;:(–—-]\s?)out\s+of\s+time(?!-)|"
    r"\bnot\s+enough\s+time|\btime\s+(?:was\s+up|ran\s+out|is\s+up)|\black\s+of\s+time|"
    rf"\b(?:skipped|left\s+as\s+is|left){BECAUSE}|"
    r"(?:\bnot|n['’]t|\bnever)\s+(?:yet\s+)?(?:fix(?:ed)?|mend(?:ed)?|done|do|touch(?:ed)?|implement(?:ed)?|"
    rf"changed?|address(?:ed)?|solved?|build|built|finish(?:ed)?){BECAUSE}|"
    r"\b(?:will\s+not|won['’]t|wont)\s+(?:fix|mend|do)\b|\bi\s+would\s+(?:rather\s+)?(?:wait|ask\s+first)",
    re.IGNORECASE,
)
HINTS = {
    "leakage": re.compile(r"(?<!memory )\b(?:leak(?:s|ed|ing|age|y)?|contaminat\w+)\b", re.IGNORECASE),
    "skew": re.compile(r"\bskew(?:s|ed)?\b", re.IGNORECASE),
    "monitoring": re.compile(r"\b(?:monitor(?:s|ed|ing)?|observability|alert(?:s|ing)?)\b", re.IGNORECASE),
    "errors": re.compile(r"\b(?:errors?|exceptions?|swallow(?:s|ed|ing)?)\b", re.IGNORECASE),
    "reproducibility": re.compile(r"\b(?:reproducib\w+|unseeded|(?:no|without a) seed)\b", re.IGNORECASE),
    "fairness": re.compile(r"\b(?:fairness|discriminat\w+|unfair)\b", re.IGNORECASE),
    "security": re.compile(r"\b(?:privacy|pii|personal data|security)\b", re.IGNORECASE),
}
"""Words that name a category wherever they stand; evaluation and serving have none that say nothing else."""


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
    """

    role: Role
    text: str
    line: int


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
        texts = (_without_heading(passage.text) for passage in self.passages if passage.role == role)
        return tuple(text for text in texts if re.search(r"[^\W\d_]", text))


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
    units, roles = cut(text)
    complaints = []
    if len(units) > MOST_FINDINGS:
        complaints.append(
            f"{name}: only the first {MOST_FINDINGS} findings were read; the rest is shown as it stands"
        )
        for unit in units[MOST_FINDINGS:]:
            roles[unit.first : unit.last] = ["rest"] * (unit.last - unit.first)
    findings: list[Finding] = []
    unsure: set[str] = set()
    for number, unit in enumerate(units[:MOST_FINDINGS], start=1):
        finding = _finding(unit, lines, f"{name}:{unit.first + 1}", number, place)
        if findings and findings[-1].source == finding.source:
            finding = finding.model_copy(update={"source": f"{finding.source} ({number})"})
        findings.append(finding)
        if not unit.sure:
            unsure.add(finding.source)
    passages = _passages(lines, roles, {unit.first for unit in units[:MOST_FINDINGS]})
    review = Review(passages, tuple(findings), frozenset(unsure))
    said = review.parts("decision")
    decision = said or _speaking_of_shipping(passages)
    if any(HIDDEN.search(comment[0]) for comment in COMMENT.finditer(text)):
        complaints.append(
            f"{name}: a comment (<!-- -->) holds what looks like a finding; it is shown and not matched"
        )
    if not decision:
        complaints.append(f"{name}: no sentence says whether to ship")
    if not findings:
        complaints.append(f"{name}: holds no finding")
    return Review(passages, tuple(findings), frozenset(unsure), decision, bool(said), tuple(complaints))


def _passages(lines: Sequence[str], roles: Sequence[Role], starts: set[int]) -> tuple[Passage, ...]:
    """Join neighbouring lines of one role; each finding stays by itself."""
    found: list[Passage] = []
    first = 0
    for number in range(1, len(lines) + 1):
        ends = number == len(lines) or roles[number] != roles[first] or number in starts
        if ends and (number == len(lines) or lines[number].strip()):
            text = "\n".join(lines[first:number]).strip("\n")
            if text.strip():
                found.append(Passage(roles[first], text, first + 1))
            first = number
    return tuple(found)


def _speaking_of_shipping(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Quote what speaks of shipping, merging or approving, outside findings first.

    A short paragraph is quoted as a whole, and of a long one the sentence with the next: half an answer may be turned
    round.
    """
    for wanted in (False, True):
        found: list[str] = []
        for passage in passages:
            text = COMMENT.sub("", passage.text) if (passage.role == "finding") is wanted else ""
            for paragraph in re.split(r"\n\s*\n", text):
                said = sentences(paragraph)
                speaking = [number for number, one in enumerate(said) if SPEAKS_OF_SHIPPING.search(one)]
                if speaking and len(paragraph) <= SHORT_PARAGRAPH and not wanted:
                    found.append(paragraph.strip("\n"))
                elif speaking:
                    found += [" ".join(said[number : number + 2]) for number in speaking]
        if found:
            return tuple(found[:MOST_SENTENCES])
    return ()


def _without_heading(text: str) -> str:
    """Drop the heading that only names a section: ``## Decision``; a line such as ``## Decision: hold`` stays."""
    first, _, rest = COMMENT.sub("", text).strip("\n").partition("\n")
    underlined = re.match(r"[=-]{3,}\s*(?:\n|$)", rest)
    rest = rest[underlined.end() :] if underlined else rest
    alone = section_of(bare(first).rstrip(":")) != ""
    heading = (
        underlined
        or first.lstrip().startswith("#")
        or bare(first).isupper()
        or re.match(r"\s*(\*\*|__).*(\*\*|__):?\s*$", first)
    )
    return (rest if alone and heading else first + ("\n" + rest if rest else "")).strip("\n")


def _finding(unit: Unit, lines: Sequence[str], source: str, number: int, place: str) -> Finding:
    text = unit.part or "\n".join(lines[unit.first : unit.last]).strip("\n")
    read = COMMENT.sub("", text[:MOST_READ])
    fields = _row_fields(read, unit.header) if unit.header else fields_of(read)
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
        put_off=_put_off(read, fields),
        source=source,
    )


def _row_fields(text: str, header: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for head, cell in zip(header, row_cells(text), strict=False):
        name = field_of(head)
        if name and value(cell):
            lone = name == "where" and cell.strip().isdigit()
            found.setdefault(name, []).append(f"{head} {cell}" if lone else value(cell))
    return {name: ", ".join(parts) for name, parts in found.items()}


def _title(unit: Unit, text: str, fields: dict[str, str]) -> str:
    """Shorten what a finding opens with to a line; only for lists and to name it by."""
    if unit.header:
        cells = [cell for cell in row_cells(text) if not category_of(cell) and not severity_of(cell)]
        title = fields.get("title") or max(
            (cell for cell in cells if not mentions(cell).paths), key=len, default=""
        )
        return _short(bare(title or max(cells, key=len, default="")))
    for line in text.split("\n"):
        label = label_of(line)
        plain = NUMBERING.sub("", bare(line), count=1).strip(" *_:–—-.")
        if plain and not label and not re.fullmatch(r"[`~=-]{3,}\w*", plain):
            return _short(plain)
    return _short(fields.get("title") or fields.get("harm") or fields.get("where") or "")


def _short(text: str) -> str:
    text = " ".join(TAG.sub("", text).split())
    found = re.match(r"(.{12,140}?[^.\s`A-Z])[.!?]\s+(?=\S)", text)
    text = found[1] if found and found[1].count("(") == found[1].count(")") else text
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _categories(text: str, fields: dict[str, str], groups: Sequence[str]) -> tuple[str, ...]:
    """Name the categories that a finding states; a list of them is none."""
    if stated := category_of(fields.get("category", "")):
        return stated if len(stated) <= MOST_CATEGORIES else ()
    segments = re.split(r"[.;:,|()\[\]\n–—]|\s[-/]\s", text)
    most = 4
    short = [part for part in segments if 0 < len(part.split()) <= most]
    found = dict.fromkeys(
        name for part in short for name in category_of(re.sub(r"\b(?:is|are|missing|no|lacking)\b", "", part))
    )
    found = found or dict.fromkeys(name for group in reversed(groups) for name in group_of(group) or ())
    found = found or dict.fromkeys(name for name, pattern in HINTS.items() if pattern.search(text))
    return tuple(found) if len(found) <= MOST_CATEGORIES else ()


def _places(text: str) -> str:
    """Quote where a finding points when no label says so."""
    found = mentions(text)
    if found.paths:
        return ", ".join([found.written, *(path for path in found.paths if path not in found.written)])
    calls = re.findall(r"`?(?<![\w.])[A-Za-z_][\w.]{0,80}\(\)`?", text)
    return calls[0] if calls else found.written


def _put_off(text: str, fields: dict[str, str]) -> str:
    """Quote the words that say that a finding was put off; empty for none."""
    if fields.get("put_off"):
        return fields["put_off"]
    if LEFT.match(fields.get("status", "")):
        return fields["status"]
    return put_off_in(
        "\n".join(line for line in text.split("\n") if (label_of(line) or ("", ""))[0] != "put_off")
    )


def put_off_in(text: str) -> str:
    """Quote the sentence in which a text says that something was put off; empty for none."""
    for sentence in sentences(text):
        if found := PUT_OFF.search(sentence):
            start = max(
                sentence.rfind(mark, 0, found.start())
                for mark in (", ", "; ", ": ", "(", " - ", "– ", "— ", "\n")
            )
            words = sentence[start + 1 :].strip(" ,;:-–—\n")
            return words if words.count("(") >= words.count(")") else words.removesuffix(")")
    return ""
