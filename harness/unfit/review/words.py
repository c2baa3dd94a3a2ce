"""Words: what people call the parts of a review, brought to the few names that the kit uses."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

__all__ = [
    "CATEGORIES",
    "bare",
    "category_of",
    "counted",
    "field_of",
    "fields_of",
    "group_of",
    "label_of",
    "normal",
    "section_label",
    "section_of",
    "severity_of",
    "value",
]


def _inverted(table: dict[str, list[str]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}


_TABLES = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
SECTIONS, FIELDS, CATEGORIES, SEVERITIES = (
    _inverted(_TABLES[name]) for name in ("sections", "fields", "categories", "severities")
)
NO_VALUE = frozenset(
    {"", "n/a", "na", "none", "nil", "tbd", "?", "…", "no", "x", "not applicable", "nothing", "-", "–", "—"}
)
GROUP_NOUNS = re.compile(
    r"\b(issues?|findings?|problems?|defects?|bugs?|ones?|severity|priority|related|errors?)\b"
)
MARKS = re.compile(r"^(?:[\s>#*_|–—•-]|\d{1,3}[.)]\s|\[[ xX✓✔]?\]\s)+")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
COUNTED = re.compile(
    r"^[\s>#*_\[({-]*+(?:(?:finding|issue|problem|defect|bug|item|f|[A-Z]{2,9}-)\s*+[#№]?\s*+\d{1,4}|"
    r"[#№]\s?\d{1,4}|\(?\d{1,3}\)|\[\d{1,3}\]|\d{1,3}\.(?:\d{1,2}\.?)*(?=\s))(?=$|[\s.):\]*_–—-])",
    re.IGNORECASE,
)
NUMBERING = re.compile(
    r"^\s*(?:(?:finding|issue|problem|defect|bug|item|no\.?|nr\.?|f)\s*+[#№]?\s*+\d{1,4}|[#№]\s*\d{1,4}|"
    r"\[\d{1,3}\]|\(?\d{1,3}\)|[1-9]\d{0,2}(?:\.\d{1,2})*(?=[.):\s])|[ivx]{1,4}[.)])\s*[.):–—-]*\s*",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^\W{0,12}?(?P<label>[^\W\d_][^\n:：*_|]{0,38}?)(?:[*_]{1,3}\s*[:：]?|\s*[:：]|\s+[-–—=]{1,2}>?(?=\s)|\t)"
    r"[*_ \t]*(?P<value>.*)$"
)
INNER = re.compile(r"(?<=[.;|·•,(])\s{0,2}(?P<label>[A-Z][\w ]{2,38})\s?[:：](?P<value>[^\n]*)")
CLOSE = 0.8
LONGEST_LABEL = 40
SHORT = frozenset({"where", "category", "severity", "put_off", "status"})


def bare(line: str) -> str:
    """Take Markdown's marks, tags and pictures off a line."""
    line = MARKS.sub("", TAG.sub("", line[:2_000]))
    at = 0
    while at < len(line) and (
        unicodedata.category(line[at]) in {"So", "Sk", "Mn", "Cf"} or line[at].isspace()
    ):
        at += 1
    return re.sub(r"\*\*|`|__(?=\W|$)|(?:^|(?<=\s))__|\*(?=\w)|(?<=\w)\*", "", line[at:]).strip()


def counted(line: str) -> bool:
    """Tell whether a line begins as one that counts findings: ``Finding 3``, ``F1``, ``(2)``, ``3.``."""
    return COUNTED.match(line) is not None


def normal(text: str) -> str:
    """Bring a heading or a label to bare lower-case words."""
    plain = re.sub(r"['’‘`]", "", NUMBERING.sub("", bare(text), count=1))
    words = " ".join(re.sub(r"[^\w\s]|_", " ", plain.casefold()).split())
    return re.sub(r"^(?:the|my|our|overall)\s(?=\w)", "", words)


def value(text: str) -> str:
    """Give what was written behind a label; empty for a dash, "n/a" and the like."""
    stripped = text.strip().strip("*_ ").lstrip("–—= ")
    return "" if stripped.casefold().strip("()._* ") in NO_VALUE else stripped


def _close(words: str, known: dict[str, str]) -> str:
    """Forgive a slip of the pen in words that are long enough to be recognised."""
    shortest = 5
    if not shortest <= len(words) <= LONGEST_LABEL:
        return ""
    near = difflib.get_close_matches(words, known, n=1, cutoff=CLOSE)
    if not near or len(near[0]) < shortest or near[0].count(" ") != words.count(" "):
        return ""
    pairs = zip(words.split(), near[0].split(), strict=True)
    alike = all(difflib.SequenceMatcher(None, one, other).ratio() > CLOSE - 0.15 for one, other in pairs)
    return known[near[0]] if alike else ""


@lru_cache(maxsize=4096)
def section_of(heading: str) -> str:
    """Name the section of a review that a heading opens; empty for none."""
    if len(heading) > 2 * LONGEST_LABEL:
        return ""
    words = normal(heading)
    return SECTIONS.get(words) or (_close(words, SECTIONS) if words not in FIELDS else "")


@lru_cache(maxsize=4096)
def field_of(label: str, *, typos: bool = True) -> str:
    """Name the field of a finding that a label stands for; empty for none."""
    if len(label) > LONGEST_LABEL:
        return ""
    words = normal(re.sub(r"\(.*?\)", "", label))
    return FIELDS.get(words) or (_close(words, FIELDS) if typos else "")


def section_label(line: str) -> tuple[str, str] | None:
    """Read a line such as ``Decision: hold`` or ``**Rollback** - the old one``.

    Returns
    -------
    section, rest : str
        ``None`` where no opening section's name stands first.
    """
    found = LABEL.match(bare(line)) or LABEL.match(line.strip()[:400])
    if not found or not found["value"].strip():
        return None
    label = re.sub(r"\s*\(.*", "", found["label"])
    section = "" if field_of(label, typos=False) == "title" else section_of(label)
    return (section, found["value"]) if section not in {"", "findings", "aside", "praise"} else None


def label_of(line: str) -> tuple[str, str] | None:
    """Read a line such as ``- **Where:** src/a.py``: the field and what stands behind it; None for another line."""
    found = LABEL.match(re.sub(r"^[*_]{1,3}", "", MARKS.sub("", TAG.sub("", line[:2_000])).strip()))
    if not found:
        return None
    marked = re.search(r"[:：*_\t]", found[0][: len(found[0]) - len(found["value"])]) is not None
    name = field_of(found["label"], typos=marked)
    return (name, found["value"]) if name and (marked or name in SHORT) else None


def fields_of(text: str) -> dict[str, str]:
    """Collect what a finding says behind labels, by field; of a field that occurs twice both, with a comma."""
    found: dict[str, list[str]] = {}
    waiting = ""
    for line in text.split("\n")[:400]:
        labelled = label_of(line)
        heading = field_of(bare(line), typos=False) if line.lstrip().startswith("#") else ""
        if labelled:
            name, said = labelled
            found.setdefault(name, []).append(said)
            waiting = "" if said.strip() else name
        elif heading:
            waiting = heading
        elif waiting and bare(line):
            found.setdefault(waiting, []).append(bare(line))
            waiting = ""
        for inner in INNER.finditer(line[:2_000]):
            if name := field_of(inner["label"], typos=False):
                stop = INNER.search(inner["value"])
                said = inner["value"][: stop.start()] if stop else inner["value"]
                found.setdefault(name, []).append(said if name != "category" else re.split(r"[.;]", said)[0])
    lines = [f"line {said}" if re.fullmatch(r"[\d\s,–-]+", said) else said for said in found.get("where", [])]
    told = found | ({"where": lines} if lines else {})
    return {name: ", ".join(dict.fromkeys(filter(None, map(value, parts)))) for name, parts in told.items()}


@lru_cache(maxsize=4096)
def category_of(text: str) -> tuple[str, ...]:
    """Name the categories in a value such as ``"Data leakage / evaluation"``; empty where a part is none."""
    if len(text) > 4 * LONGEST_LABEL:
        return ()
    words = normal(text.strip(" \"'“”„«»‚‘’"))
    if whole := CATEGORIES.get(words):
        return (whole,)
    parts = [normal(part) for part in re.split(r"[,;/|+&>→()]|\band\b|\bor\b", text, flags=re.IGNORECASE)]
    found = [CATEGORIES.get(part) or _close(part, CATEGORIES) for part in parts if part]
    return tuple(dict.fromkeys(found)) if all(found) else ()


def severity_of(text: str) -> str:
    """Name the severity that a value such as ``"🔴 Critical!"`` starts with; empty for none."""
    words = normal(text)
    known = SEVERITIES.get(words) or SEVERITIES.get(words.split(" ")[0])
    return known or next(
        (name for word, name in SEVERITIES.items() if not word.isascii() and word in text), ""
    )


def group_of(heading: str) -> tuple[str, ...] | None:
    """Read a heading that stands over several findings.

    Returns
    -------
    categories : tuple of str
        Empty for a severity; ``None`` where the heading is neither.
    """
    words = normal(heading)
    bared = " ".join(GROUP_NOUNS.sub(" ", words).split())
    for candidate in (words, bared):
        if candidate in CATEGORIES:
            return (CATEGORIES[candidate],)
        if candidate in SEVERITIES:
            return ()
    levels = [word for word in bared.split() if word != "and"]
    return () if levels and all(level in SEVERITIES for level in levels) else None
