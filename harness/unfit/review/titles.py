"""Titles: what a line says besides itself, such as "[CRITICAL] Folds by row (leakage, src/a.py:3)"."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import re

from unfit.review.blocks import unmarked
from unfit.review.labels import CHECKBOX
from unfit.review.mentions import NAME, leading_place, mentions
from unfit.review.words import NUMBERING, category_of, normal, plainly, quoteless, severity_of

__all__ = [
    "all_tags",
    "first_sentence",
    "hinted_category",
    "leading_tags",
    "named_place",
    "put_off_in",
    "stated",
    "tags_of",
]

LONGEST_TITLE = 140
HINTS = {
    "leakage": re.compile(r"(?<!memory )\b(?:leak(?:s|ed|ing|age|y)?|contaminat\w+)\b", re.IGNORECASE),
    "skew": re.compile(r"\bskew(?:s|ed)?\b", re.IGNORECASE),
    "monitoring": re.compile(r"\b(?:monitor(?:s|ed|ing)?|observability|alert(?:s|ing)?)\b", re.IGNORECASE),
    "errors": re.compile(r"\b(?:error handling|swallow(?:s|ed|ing)?)\b", re.IGNORECASE),
    "reproducibility": re.compile(r"\b(?:reproducib\w+|unseeded|(?:no|without a) seed)\b", re.IGNORECASE),
    "fairness": re.compile(r"\b(?:fairness|discriminat\w+|unfair)\b", re.IGNORECASE),
    "security": re.compile(r"\b(?:privacy|pii|personal data|security)\b", re.IGNORECASE),
}
"""Words that name a category wherever they stand; evaluation and serving have none that say nothing else."""
LABEL_WORDS = 3
MOST_READ = 4_000
REASON = re.compile(
    r"\b(?:put(?:ting)?\s+(?:it\s+|this\s+|that\s+)?off|deferred|deferring|postponed|skipped|left\s+(?:it\s+|this\s+)?"
    r"(?:alone|as\s+is|for\s+later|unfixed|out)?|not\s+(?:fixed|mended|done)(?:\s+(?:it|this|here|yet))?|"
    r"(?:did(?:\s+not|n['’]?t)|wo(?:n['’]?t)|will\s+not)\s+(?:fix|mend)(?:\s+(?:it|this))?)\s*"
    r"(?:(?:,\s*)?(?:because(?:\s+of)?|since|:|—|–|\s-)\s+|,\s*(?=(?:no|ran|out|not\s+enough)\b))(?P<why>[^\n]+)",
    re.IGNORECASE,
)


def first_sentence(text: str) -> tuple[str, str]:
    """Cut a text after its first sentence, or where a dash or a colon ends what could be a title."""
    text = text.strip()
    plain = unmarked(text)
    match = re.match(r"(.{8,140}?[^.\s`A-Z])(?:[.!?:]\s+|\s+[–—]\s+|\s+--?\s+)(?=\S)(.*)", plain, re.DOTALL)
    if match and match[1].count("(") == match[1].count(")") and match[1].count("`") % 2 == 0:
        return match[1], match[2]
    first, _, rest = plain.partition("\n")
    if len(first) > LONGEST_TITLE:
        return first[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…", plain
    return first.rstrip(" ."), rest


def tags_of(title: str) -> tuple[str, dict[str, str]]:
    """Take category, severity and place out of a title such as ``"[CRITICAL] Leak (leakage, src/a.py:3)"``."""
    tags: dict[str, str] = {}
    title = CHECKBOX.sub("", unmarked(title)).strip(" *_")
    if plainly(title) != title and severity_of(title):
        tags["severity"] = severity_of(title)
    title = NUMBERING.sub("", plainly(title), count=1)
    place, title = leading_place(title)
    if place:
        tags["where"] = place
    title = re.sub(
        r"\s*[\[({]([^\[\](){}]+(?:\(\))?)[\])}]", lambda found: _absorbed(found, tags), title
    ).strip()
    title = NUMBERING.sub("", title, count=1).strip(" *_")
    for separator in (":", " - ", " – ", " — ", " | ", " · "):
        while separator in title:
            head, _, tail = title.partition(separator)
            if tail.strip() and all_tags(head, tags):
                title = tail.strip()
                continue
            front, _, back = title.rpartition(separator)
            if separator != ":" and front.strip() and all_tags(back, tags):
                title = front.strip()
                continue
            break
    return quoteless(title.strip(" *_:–—-.#")) or title.strip(), tags


def _absorbed(found: re.Match[str], tags: dict[str, str]) -> str:
    return "" if all_tags(found[1], tags) else found[0]


def all_tags(text: str, tags: dict[str, str]) -> bool:
    """Take a text as tags if it is nothing else: ``"Leakage / critical"``."""
    parts = [part for part in re.split(r"[,;|·]|\.\s|\s[-–—/]\s|/(?=[A-Za-z]+$)", text) if part.strip()]
    taken: dict[str, str] = {}
    if parts and all(_tag(part, taken) for part in parts):
        tags.update(taken)
        return True
    return False


def stated(body: str) -> dict[str, str]:
    """Find a category and a severity that stand as a sentence of their own: "Patients repeat. Leakage."."""
    tags: dict[str, str] = {}
    for part in re.split(r"[.;()\n]", body[:MOST_READ]):
        bare = re.sub(r"\b(?:is|are|missing|no|lacking|absent|lack of)\b", "", part, flags=re.IGNORECASE)
        found: dict[str, str] = {}
        if len(normal(bare).split()) <= 2 * LABEL_WORDS and all_tags(bare, found):
            tags = found | tags
    return tags


def hinted_category(text: str) -> str:
    """Find the one category that a text names in passing: "a leak", "skew between train and serve"; empty for none."""
    found = {name for name, pattern in HINTS.items() if pattern.search(text[:MOST_READ])}
    return found.pop() if len(found) == 1 else ""


def leading_tags(text: str, tags: dict[str, str]) -> str:
    """Take the tags off that a text begins with, in brackets or as its whole first line."""
    bracket = re.match(r"\s*[\[({]([^\[\](){}]+(?:\(\))?)[\])}]", text)
    if bracket and not _absorbed(bracket, tags):
        return text[bracket.end() :].lstrip(" .:,;–—-")
    first, newline, rest = text.partition("\n")
    whole = re.match(r"(.*)", first)
    return rest if whole and first.strip() and not _absorbed(whole, tags) else first + newline + rest


def _tag(text: str, tags: dict[str, str]) -> bool:
    """Take one word of a title as category, severity or place."""
    text = re.sub(
        r"^(?:category|severity|where|type|priority)\s*[:=]\s*", "", text.strip(" *_"), flags=re.IGNORECASE
    )
    words = len(text.split())
    few = 3
    if words <= few and (categories := category_of(text)):
        tags.setdefault("category", ", ".join(categories))
        return True
    if words <= few - 1 and (severity := severity_of(text)):
        tags.setdefault("severity", severity)
        return True
    found = mentions(text)
    rest = re.sub(r"\W+", "", NAME.sub("", found.rest))
    lines = found.lines and re.search(r"[A-Za-z]", text)  # a bare number is most often none
    if (found.paths or lines) and not re.sub(
        r"^(?:in|at|line|lines|cell|function|and)+$", "", rest.casefold()
    ):
        place = text.strip(" .;,")
        tags["where"] = f"{tags['where']}, {place}" if "where" in tags else place
        return True
    return False


def put_off_in(text: str) -> str:
    """Find the reason in a sentence such as "I put this off because ..."; empty for none."""
    match = REASON.search(text)
    return match["why"].strip() if match else ""


def named_place(texts: list[str]) -> str:
    """Find where a finding points when no label says so."""
    for text in texts:
        found = mentions(unmarked(text))
        if found.paths:
            return ", ".join([found.written, *(path for path in found.paths if path not in found.written)])
    calls = re.findall(r"`?(?<![\w.])[A-Za-z_][\w.]{0,80}\(\)`?", " ".join(texts))
    return calls[0] if calls else ""
