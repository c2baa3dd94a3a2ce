"""Names of parts: what people call the parts of a review, brought to the few names that the kit uses."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
import unicodedata
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

__all__ = [
    "AKIN",
    "CATEGORIES",
    "NUMBERING",
    "PUTTING_OFF",
    "SHIPPING",
    "TAG",
    "bare",
    "categories_in",
    "category_of",
    "counted",
    "field_of",
    "fields_of",
    "group_of",
    "hinted",
    "label_of",
    "section_label",
    "section_of",
]

_TABLES = tomllib.loads((Path(__file__).parent / "part_names.toml").read_text("utf-8"))
SECTIONS, FIELDS, CATEGORIES, HINTS = (
    {word: name for name, words in _TABLES[table].items() for word in words}
    for table in ("sections", "fields", "categories", "hints")
)
AKIN = frozenset(frozenset((one, other)) for one, others in _TABLES["akin"].items() for other in others)
SEVERITIES, NOUNS, NO_VALUE = (frozenset(_TABLES["lists"][name]) for name in ("severities", "nouns", "empty"))
PUTTING_OFF: dict[str, list[str]] = _TABLES["putting_off"]
SHIPPING: list[str] = _TABLES["shipping"]["ways"]
HINT = re.compile(rf"(?<!memory )\b({'|'.join(HINTS)})\w*", re.IGNORECASE)
MARKS = re.compile(r"^(?:[\s>#*_|–—•-]|\d{1,3}[.)]\s|\[[ xX✓✔]?\]\s)+")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
SHIPS = (
    r"(?:ship|merge|approve|release|deploy|launch|promote|sign off|roll ?out|go live|go ahead|"
    r"go (?:in)?to production)"
)
ASKS_TO_SHIP = re.compile(
    rf"(?P<asks>(?:so )?(?:should|would|can|could|do|may|shall|will|must) (?:i|we|you|one) (?:really |now |still )?|"
    rf"(?:is (?:it|this) )?(?:ready|safe|fit|ok|okay|good|fine) to |(?:can|should|may|could) (?:it|this|that) (?:be )?|"
    rf"whether (?:or not )?to |to )?{SHIPS}e?d?(?: or (?:not(?: to {SHIPS})?|hold|block|wait))?"
    r"(?: (?:it|this|that|now|today|tonight|yet|as is|as it is|like this|(?:this|the) (?:model|change|branch|pr|code|"
    r"pull request|merge request|version|service|project|notebook|release)))*"
)
"""A heading that asks for the decision, in bare lower-case words."""
COUNT = (
    r"(?:finding|issue|problem|defect|bug|item|n[or]\.|f)\s*+[#№]?\s*+\d{1,4}|[#№]\s?\d{1,4}|"
    r"[(\[]\d{1,3}[)\]]|\d{1,3}\)|[1-9]\d{0,2}\.(?:\d{1,2}\.?)*(?=\s)|[ivx]{1,4}[.)](?=\s)"
)
COUNTED = re.compile(
    rf"^[\s>#*_({{-]*+(?:{COUNT}|\[?[A-Z]{{2,9}}-\d{{1,4}})(?=$|[\s.):\]*_–—-])", re.IGNORECASE
)
NUMBERING = re.compile(rf"^\s*(?:{COUNT}|[1-9]\d{{0,2}}(?=[.:\s]))\s*[.):–—-]*\s*", re.IGNORECASE)
LABEL = re.compile(
    r"^\W{0,12}?(?P<label>[^\W\d_][^\n:：*_|]{0,38}?)(?P<mark>[*_]{1,3}\s*[:：]?|\s*[:：]|\s+[-–—=]{1,2}>?(?=\s)|\t)"
    r"[*_ \t]*(?P<value>.*)$"
)
INNER = re.compile(r"(?<=[.;|·•,(])\s{0,2}(?P<label>[A-Z][\w ]{2,38})\s?[:：](?P<value>[^\n]*)")
PARTS = re.compile(r"[,;/|+&>→()]|\band\b|\bor\b", re.IGNORECASE)
SEGMENTS = re.compile(r"[.;:,|()\[\]\n–—]|\s[-/]\s")
SHORT_SEGMENT = 4
CLOSE, CLOSER = 0.8, 0.9
"""How alike a name must be that was slipped in: of one word, and of several, which often share all but one."""
SHORTEST_NAME, LONGEST_NAME = 5, 40
DASHED = frozenset({"where", "category", "severity", "put_off", "status"})
"""Fields that a dash marks as well as a colon does."""


def bare(line: str) -> str:
    """Take Markdown's marks, tags and pictures off a line."""
    line = MARKS.sub("", TAG.sub("", line[:2_000]))
    kept = itertools.dropwhile(
        lambda sign: sign.isspace() or unicodedata.category(sign) in {"So", "Sk", "Mn", "Cf"}, line
    )
    return re.sub(r"\*\*|`|__(?=\W|$)|(?:^|(?<=\s))__|\*(?=\w)|(?<=\w)\*", "", "".join(kept)).strip()


def counted(line: str) -> bool:
    """Tell whether a line begins as one that counts findings: ``Finding 3``, ``F1``, ``(2)``, ``3.``."""
    return COUNTED.match(line) is not None


def _normal(text: str) -> str:
    """Bring a heading or a label to bare lower-case words, without what stands in parentheses."""
    plain = re.sub(r"['’‘`]|\(.*?\)", "", NUMBERING.sub("", bare(text), count=1))
    words = " ".join(re.sub(r"[^\w\s]|_", " ", plain.casefold()).split())
    return re.sub(r"^(?:the|my|our|overall)\s(?=\w)", "", words)


@lru_cache(maxsize=4096)
def _close(words: str, table: tuple[str, ...]) -> str:
    # A slip keeps the first letter; another word that is close, such as referral for deferral, does not.
    alike = [name for name in table if name[0] == words[0]]
    near = difflib.get_close_matches(words, alike, n=1, cutoff=CLOSER if " " in words else CLOSE)
    return (
        near[0] if near and len(near[0]) >= SHORTEST_NAME and near[0].count(" ") == words.count(" ") else ""
    )


def _named(text: str, table: dict[str, str], *, typos: bool = True) -> str:
    """Look a name up; a slip of the pen is forgiven in one that is long enough, and that no table has."""
    words = _normal(text[: 2 * LONGEST_NAME])
    known = words in SECTIONS or words in FIELDS or words in CATEGORIES
    if typos and not known and SHORTEST_NAME <= len(words) <= LONGEST_NAME:
        words = _close(words, tuple(table))
    return table.get(words, "")


def section_of(heading: str) -> str:
    """Name the section of a review that a heading opens; empty for none."""
    asks = ASKS_TO_SHIP.fullmatch(_normal(heading[: 2 * LONGEST_NAME]))
    return "decision" if asks and (asks["asks"] or "?" in heading) else _named(heading, SECTIONS)


def field_of(label: str, *, typos: bool = True) -> str:
    """Name the field of a finding that a label stands for; empty for none."""
    return _named(label, FIELDS, typos=typos)


def _label(line: str) -> re.Match[str] | None:
    return LABEL.match(re.sub(r"^[*_]{1,3}", "", MARKS.sub("", TAG.sub("", line[:2_000])).strip()))


def section_label(line: str) -> str:
    """Name the section that a line such as ``Decision: hold`` or ``**Rollback** - the old one`` opens; else empty."""
    found = _label(line)
    section = section_of(found["label"]) if found and found["value"].strip() else ""
    return "" if section in {"findings", "aside"} else section


def label_of(line: str) -> tuple[str, str] | None:
    """Read a line such as ``- **Where:** src/a.py``: the field and what stands behind it; None for another line."""
    found = _label(line)
    if not found:
        return None
    marked = found["mark"].strip(" -–—=>") != ""
    name = field_of(found["label"], typos=marked)
    return (name, found["value"]) if name and (marked or name in DASHED) else None


def fields_of(text: str) -> dict[str, str]:
    """Collect what a finding says behind labels, by field; of a field that occurs twice both, with a comma."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    waiting = ""
    for line in text.split("\n")[:400]:
        name, said = label_of(line) or (waiting, bare(line))
        if line.lstrip().startswith("#"):
            name, said = field_of(bare(line), typos=False), ""
        if name:
            found[name].append(said)
        waiting = "" if said.strip() else name
        for inner in INNER.finditer(line[:2_000]):
            if name := field_of(inner["label"], typos=False):
                said = INNER.split(inner["value"])[0]
                found[name].append(said if name != "category" else re.split(r"[.;]", said)[0])
    found["where"] = [
        f"line {said}" if re.fullmatch(r"[\d\s,–-]+", said) and re.search(r"\d", said) else said
        for said in found["where"]
    ]
    return {name: ", ".join(dict.fromkeys(filter(None, map(_value, said)))) for name, said in found.items()}


def _value(text: str) -> str:
    """Give what was written behind a label; empty for a dash, "n/a" and the like."""
    stripped = text.strip().strip("*_ ").lstrip("–—= ")
    return "" if stripped.casefold().strip("()._* ") in NO_VALUE else stripped


def category_of(text: str) -> tuple[str, ...]:
    """Name the categories in a value such as ``"Data leakage / evaluation"``; empty where a part is none."""
    if len(text) > 4 * LONGEST_NAME:
        return ()
    text = text.strip(" \"'“”„«»‚‘’")
    if whole := CATEGORIES.get(_normal(text)):
        return (whole,)
    found = [_named(part, CATEGORIES) for part in PARTS.split(text) if _normal(part)]
    return tuple(dict.fromkeys(found)) if all(found) else ()


def categories_in(text: str) -> tuple[str, ...]:
    """Name the categories that stand by themselves between a text's signs, as in ``(leakage, critical)``."""
    parts = [part for part in SEGMENTS.split(text) if 0 < len(part.split()) <= SHORT_SEGMENT]
    bared = (re.sub(r"\b(?:is|are|missing|no|lacking)\b", "", part) for part in parts)
    return tuple(dict.fromkeys(name for part in bared for name in category_of(part)))


def hinted(text: str) -> tuple[str, ...]:
    """Name the categories whose words stand anywhere in a text; evaluation and serving have none of their own."""
    return tuple(dict.fromkeys(HINTS[found[1].casefold()] for found in HINT.finditer(text)))


def group_of(heading: str) -> tuple[str, ...] | None:
    """Read a heading that stands over several findings.

    Returns
    -------
    categories : tuple of str
        Empty for a severity; ``None`` where the heading is neither.
    """
    words = [word for word in _normal(heading).split() if word not in NOUNS]
    for name in (_normal(heading), " ".join(words)):
        if name in CATEGORIES:
            return (CATEGORIES[name],)
    return () if words and all(word in SEVERITIES for word in words) else None
