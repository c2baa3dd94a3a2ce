"""Words: what people call the parts of a review, brought to the few names that the kit uses."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache
from typing import Literal

__all__ = [
    "COUNTED",
    "NO_VALUE",
    "category_of",
    "decision_of",
    "field_of",
    "group_of",
    "ignorable",
    "normal",
    "plainly",
    "quoteless",
    "section_of",
    "severity_of",
]

Decision = Literal["ship", "ship with conditions", "hold", ""]
SECTIONS: dict[str, tuple[str, ...]] = {
    "decision": (
        "decision", "the decision", "my decision", "verdict", "recommendation", "overall recommendation", "conclusion",
        "ship or hold", "ship it", "ship decision", "release decision", "go no go", "overall decision", "ship hold",
        "bottom line", "tldr", "tl dr", "entscheidung", "empfehlung",
    ),
    "first_three": (
        "the first three fixes and why these", "the first three fixes", "first three fixes", "first three",
        "first 3 fixes", "first 3", "top three", "top 3", "top three fixes", "top 3 fixes", "priorities", "fix first",
        "what to fix first", "fixes first", "three fixes", "the first three", "first three fixes and why", "fix order",
        "what i would fix first",
    ),
    "first_hour": (
        "the first hour", "first hour", "in the first hour", "what to do in the first hour", "first 60 minutes",
        "immediate actions", "immediate steps", "hour one", "hour 1", "right now", "do now",
    ),
    "rollback": (
        "how to roll back", "roll back", "rollback", "rollback plan", "rolling back", "how to rollback", "back out",
        "backout plan", "revert plan",
    ),
    "watch": (
        "what to watch", "watch", "to watch", "what to monitor", "keep an eye on", "things to watch", "watch list",
        "what i would watch", "monitor after release", "monitoring plan",
    ),
    "tools": (
        "tools", "tools used", "tools and assistants", "assistants", "ai use", "use of ai", "tooling", "ai tools",
        "tools and what i rejected", "tools used and what was rejected", "assistance", "ai assistants", "ai disclosure",
        "tools i used",
    ),
    "findings": (
        "findings", "the findings", "my findings", "issues", "issues found", "list of findings", "problems", "defects",
        "bugs", "problems found", "all findings", "what i found", "detailed findings", "review findings", "comments",
        "review comments", "table of findings", "things i found", "issues i found", "problems i found", "what is wrong",
        "whats wrong", "observations", "befunde", "probleme", "constats", "problemes", "hallazgos", "problemas",
    ),
}  # fmt: skip

FIELDS: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "finding", "issue", "summary", "headline", "bug", "defect", "problem", "what", "name", "what is wrong",
        "whats wrong", "problem found", "was", "quoi", "qué",
    ),
    "where": (
        "where", "place", "location", "loc", "file", "files", "path", "line", "lines", "line number", "file and line",
        "file line", "function", "functions", "cell", "notebook cell", "affected code", "affected file",
        "affected files", "module", "position", "at", "code", "notebook", "where in the code", "file function",
        "source", "file s", "where is it", "place in code", "class", "method", "wo", "ort", "datei", "stelle", "où",
        "fichier", "dónde", "archivo",
    ),
    "category": (
        "category", "categories", "type", "kind", "area", "tag", "tags", "topic", "type of issue", "issue type", "cat",
        "defect type", "class of problem", "theme", "kategorie", "catégorie", "categoría",
    ),
    "severity": (
        "severity", "priority", "sev", "importance", "level", "criticality", "prio", "how bad", "severity level",
        "rating", "schwere", "gravité", "gravedad",
    ),
    "harm": (
        "what breaks in production", "what breaks", "breaks", "breaks in production", "impact", "harm", "risk",
        "consequence", "consequences", "effect", "effects", "production impact", "why it matters", "why", "symptom",
        "symptoms", "description", "details", "detail", "what happens", "observation", "explanation", "failure mode",
        "in production", "damage", "result", "analysis", "why is it a problem", "why this matters", "what goes wrong",
        "evidence", "rationale", "cost",
    ),
    "remedy": (
        "how to mend it", "how to mend", "mend", "mended", "mended by", "mended with",
        "fixed by", "fixed with", "fix", "the fix", "how to fix it", "how to fix", "remedy",
        "suggestion", "suggested fix", "recommendation", "recommended fix", "solution", "proposal", "proposed fix",
        "resolution", "action", "mitigation", "what to do", "what i did", "what i changed", "change", "repair", "do",
        "suggested change", "my fix", "proposed change", "cure", "correction", "next step",
    ),
    "put_off": (
        "put off because", "put off", "postponed", "postponed because", "deferred", "deferred because", "left because",
        "not fixed because", "not mended because", "left out because", "why not fixed", "why put off", "wont fix",
        "wont fix because", "skipped because", "skipped", "deferral", "out of scope", "out of scope because", "left",
        "not now because", "not fixed", "unfixed because", "not done because", "left for later", "left unfixed",
        "reason for deferring", "why not now",
    ),
    "status": ("status", "state", "done", "fixed", "mended yet", "resolved"),
    "number": ("no", "nr", "number", "id", "n"),
}  # fmt: skip

IGNORABLE = {
    "", "review", "code review", "my review", "introduction", "intro", "overview", "summary", "notes", "appendix",
    "executive summary",
    "context", "scope", "thanks", "general", "contents", "table of contents", "about", "background", "misc", "other",
    "general remarks", "remarks", "what is good", "what i liked", "positives", "strengths", "whats good", "what works",
    "open questions", "questions", "method", "how i reviewed", "approach",
}  # fmt: skip

CATEGORIES: dict[str, tuple[str, ...]] = {
    "leakage": (
        "leakage", "leak", "leaks", "data leakage", "data leak", "target leakage", "label leakage",
        "train test leakage",
        "contamination", "train test contamination", "leaky features", "lookahead", "look ahead bias",
    ),
    "skew": (
        "skew", "training serving skew", "train serve skew", "train serving skew", "training serving mismatch",
        "serving skew", "train serve mismatch", "feature skew",
    ),
    "errors": (
        "errors", "error", "error handling", "exception handling", "exceptions", "exception", "missing error handling",
        "robustness", "reliability", "failure handling", "fault tolerance", "resilience", "validation of inputs",
        "input validation", "silent failure", "silent failures", "fehlerbehandlung",
    ),
    "monitoring": (
        "monitoring", "monitor", "observability", "alerting", "alerts", "logging", "missing monitoring", "drift",
        "data drift", "drift detection", "no monitoring", "absent monitoring", "telemetry",
    ),
    "evaluation": (
        "evaluation", "eval", "metric", "metrics", "wrong metric", "model evaluation", "validation", "measurement",
        "statistics", "methodology",
    ),
    "reproducibility": (
        "reproducibility", "repro", "reproducible", "determinism", "non determinism", "nondeterminism", "seed",
        "randomness", "notebook state", "hidden state", "state",
    ),
    "fairness": ("fairness", "bias", "ethics", "discrimination", "unfairness"),
    "serving": (
        "serving", "latency", "performance", "scalability", "deployment", "caching", "throughput", "production serving",
        "inference", "operations", "ops",
    ),
    "security": ("security", "privacy", "pii", "data protection", "secrets", "gdpr"),
}  # fmt: skip

SEVERITIES: dict[str, tuple[str, ...]] = {
    "critical": ("critical", "blocker", "blocking", "showstopper", "severe", "p0", "sev0", "sev 0", "sev1", "sev 1",
                 "kritisch", "🔴"),
    "major": ("major", "high", "important", "serious", "p1", "sev2", "sev 2", "hoch", "🟠"),
    "minor": ("minor", "low", "nit", "trivial", "cosmetic", "p3", "sev4", "sev 4", "🟡", "🟢"),
    "medium": ("medium", "moderate", "p2", "sev3", "sev 3", "mid", "mittel"),
}  # fmt: skip

NO_VALUE = {
    "",
    "-",
    "–",
    "—",
    "n/a",
    "na",
    "none",
    "nil",
    "tbd",
    "?",
    "...",
    "…",
    "no",
    "x",
    "not applicable",
    "nothing",
}
QUOTES = "\"'`“”„‟‘’‚‛«»‹›「」『』＂"
GROUP_NOUNS = re.compile(
    r"\b(issues?|findings?|problems?|defects?|bugs?|nits|ones?|severity|priority|related|errors?)\b"
)
COUNTED = r"\s*(?:finding|issue|problem|defect|bug|f)\s*+[#№]?+\s*+\d+"
"""How a line begins that counts findings: "Finding 3", "Bug #2", "F1"."""
NUMBERING = re.compile(
    r"^\s*(?:(?:finding|issue|problem|defect|bug|item|no\.?|nr\.?|f|#)\s*+[#№]?+\s*+\d+\s*(?:[.):\-–—/]+|$)|"
    r"\[\d+\]|[#№]\s*\d+\s*[.):\-–—]*|[1-9]\d*(?:\.\d+)+[.):]?\s+|\d+\s*[.):\-–—]+(?!\d)|\(?\d+\)|[ivx]+[.)]|[a-z][.)])\s*",
    re.IGNORECASE,
)
CLOSE = 0.8
PICTURES = {"So", "Sk", "Mn", "Cf"}
LONGEST_LABEL = 40


def normal(text: str) -> str:
    """Bring a heading or a label to bare lower-case words."""
    plain = re.sub(r"['’‘`]", "", NUMBERING.sub("", text.strip(" \t*_"), count=1))
    return " ".join(re.sub(r"[^\w\s]|_", " ", plain.casefold()).split())


def plainly(text: str) -> str:
    """Take pictures (emoji and their modifiers) away from the start of a text."""
    at = 0
    while at < len(text) and (_is_picture(text[at]) or (at and text[at].isspace())):
        at += 1
    return text[at:]


def _is_picture(letter: str) -> bool:
    return not letter.isascii() and unicodedata.category(letter) in PICTURES


def quoteless(text: str) -> str:
    """Take away quotes that enclose a whole value, whatever their language."""
    text = text.strip()
    while len(text) > 1 and text[0] in QUOTES and text[-1] in QUOTES and not set(text[1:-1]) & set(QUOTES):
        text = text[1:-1].strip()
    return text


def _inverted(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}


_SECTION, _FIELD = _inverted(SECTIONS), _inverted(FIELDS)
_CATEGORY, _SEVERITY = _inverted(CATEGORIES), _inverted(SEVERITIES)


def section_of(heading: str) -> str:
    """Name the section of a review that a heading opens; empty for none."""
    words = normal(heading)
    return _SECTION.get(words) or _close(words, _SECTION)


@lru_cache(maxsize=4096)
def field_of(label: str, *, typos: bool = True) -> str:
    """Name the field of a finding that a label stands for; empty for none."""
    if len(label) > LONGEST_LABEL:
        return ""
    words = normal(re.sub(r"\(.*?\)", "", label))
    return _FIELD.get(words) or (_close(words, _FIELD) if typos else "")


def _close(words: str, known: dict[str, str]) -> str:
    """Forgive a slip of the pen in words that are long enough to be recognised."""
    shortest = 5
    if len(words) < shortest:
        return ""
    near = difflib.get_close_matches(words, known, n=1, cutoff=CLOSE)
    if not near or len(near[0]) < shortest or near[0].count(" ") != words.count(" "):
        return ""
    pairs = zip(words.split(), near[0].split(), strict=True)
    alike = all(difflib.SequenceMatcher(None, one, other).ratio() > CLOSE - 0.15 for one, other in pairs)
    return known[near[0]] if alike else ""


def ignorable(heading: str) -> bool:
    """Tell whether a heading opens text that no reader needs to be told was skipped."""
    words = normal(heading)
    return words in IGNORABLE and bool(words or not heading.strip(" \t*_#"))


def category_of(text: str) -> tuple[str, ...]:
    """Name the categories in a value such as ``"Data leakage / evaluation"``; empty where a part is none."""
    whole = _CATEGORY.get(normal(text))
    if whole:
        return (whole,)
    parts = [
        normal(part) for part in re.split(r"[,;/|+&>→]|\band\b|\bor\b", quoteless(text), flags=re.IGNORECASE)
    ]
    found = [_CATEGORY.get(part) or _close(part, _CATEGORY) for part in parts if part]
    return tuple(dict.fromkeys(found)) if all(found) else ()


def severity_of(text: str) -> str:
    """Name the severity that a value such as ``"🔴 Critical!"`` starts with; empty for none."""
    mark = next((name for word, name in _SEVERITY.items() if not word.isascii() and word in text), "")
    words = normal(quoteless(text)) or text.strip()
    first = re.split(r"\s", words, maxsplit=1)[0]
    known = _SEVERITY.get(words) or _SEVERITY.get(" ".join(words.split()[:2])) or _SEVERITY.get(first) or mark
    return known or (_close(words, _SEVERITY) if " " not in words else "")


def group_of(heading: str) -> tuple[str, str] | None:
    """Read a heading that stands over several findings.

    Returns
    -------
    category, severity : str
        One of them empty; ``None`` where the heading is neither.
    """
    words = normal(heading)
    bare = " ".join(GROUP_NOUNS.sub(" ", words).split())
    for candidate in (words, bare):
        if candidate in _CATEGORY:
            return _CATEGORY[candidate], ""
        if candidate in _SEVERITY:
            return "", _SEVERITY[candidate]
    levels = [_SEVERITY.get(word) for word in bare.split() if word != "and"]
    return ("", levels[0]) if levels and levels[0] and all(levels) else None


CONDITIONS = r"ship(?:ping)?\s+(?:it\s+|this\s+)?with\s+condition|\bconditional|with\s+conditions|\b(?:ship|go|approve)\b[^.\n]{0,40}?\b(?:conditions?|only if|once|after|provided|as soon as|but only|if)\b"  # noqa: E501 - one alternative a word
HOLD = r"\b(?:do\s+not|don'?t|don’t|cannot|can'?t|should\s+not|must\s+not|not|never|no)\s+(?:be\s+)?(?:ship|release|deploy|go|ready)|\bhold\b|\bno[- ]?go\b|\bblock(?:ed)?\b|\breject(?:ed)?\b|\bstop\b|\bnot\s+yet\b|\bnot\s+ready\b"  # noqa: E501 - the same
SHIP = r"\bship\b|\bgo\b|\bapproved?\b|\blgtm\b|\brelease\b|\bmerge\b"


def decision_of(text: str) -> Decision:
    """Read a decision from the words that come first.

    Returns
    -------
    decision : {"ship", "ship with conditions", "hold", ""}
    """
    ticked = [line for line in text.splitlines() if re.search(r"\[\s*[xX✓✔]\s*\]", line)]
    plain = " ".join(ticked or [text]).casefold()
    found: list[tuple[int, int, Decision]] = []
    patterns: list[tuple[Decision, str]] = [
        ("ship with conditions", CONDITIONS),
        ("hold", HOLD),
        ("ship", SHIP),
    ]
    for rank, (name, pattern) in enumerate(patterns):
        match = re.search(pattern, plain)
        if match:
            found.append((match.start(), rank, name))
    return min(found)[2] if found else ""
