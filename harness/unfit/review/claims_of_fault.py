"""Claims of fault: whether a text says that something is wrong, or only asks, or says that all is well."""

# ruff: noqa: RUF001 - the quotes of many keyboards are what is read here

from __future__ import annotations

import re

from unfit.review.mentions import PATH

__all__ = ["says_what_is_wrong"]

SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
LEADING = re.compile(
    r"^(?:[\s*>#\-–—:.,\d)(\[\]`]|\bcell\s+\S+:|[\w.]+\(\)[,:]?|`[^`]*`[,:])+", re.IGNORECASE
)
"""What stands before the first word of a sentence: a mark of a list, a number, a place."""
ASKS = re.compile(
    r"(?:is|are|was|were|does|do|did|has|have|had|can|could|may|might|will|would|what|who|whose|which|when|where|"
    r"how(?!\s+(?:come|can|could|is\s+that))|any|whether)\b(?!n['’]t)",
    re.IGNORECASE,
)
"""How a question begins that wants to know; one with "why" or "isn't" says that something is wrong."""
TO_CHECK = re.compile(
    r"(?:please\s+|let\s+us\s+|one\s+should\s+|i\s+would\s+|to\s+)?(?:check|double[- ]check|verify|confirm|make\s+sure|"
    r"ensure|look\s+(?:at|into)|consider|ask|find\s+out|worth\s+(?:a\s+look|checking))\b(?:\s+\w+){0,3}?\s*(?:whether|if|that|how|who|what)\b",
    re.IGNORECASE,
)
"""How a point of a list of things to check begins."""
GOOD = (
    r"right|correct|fine|good|sensible|safe|sound|nice|clean|neat|harmless|superfluous|sufficient|robust|reliable|"
    r"intentional|deliberate|unbiased|honest|consistent|reproducible|deterministic|acceptable|appropriate|reasonable|proper|"
    r"solid|covered|stable|exemplary|tidy|complete|thorough|adequate|as\s+(?:it\s+should|they\s+should|intended|wanted|expected|promised)"
)
APPROVES = re.compile(
    rf"\b(?:is|are|it['’]?s|that['’]?s|looks?|seems?|stays?|remains?|be|was|were)\s+(?:\w+ly\s+|also\s+|all\s+|quite\s+|just\s+|very\s+|both\s+|"
    rf"what\s+\w+\s+|the\s+|a\s+|an\s+){{0,3}}(?:{GOOD})\b|"
    rf"\b(?:a|an|the|of)\s+(?:\w+\s+)?(?:{GOOD})\s+(?:\w+\s+)?(?:way|idea|choice|guard|practice|design|solution|default|place|order|part|"
    r"moment|thing|measure|trick|touch|decision|call|rule|sign|direction|pattern|habit|precaution|test|metric)\b|"
    r"^(?:good|nice|fine|sensible|clean|neat|sound|well\s+done|well\s+made|ok|okay|correct|right)\b|"
    r"\b(?:well\s+(?:done|made|solved|handled|covered|thought)|i\s+(?:really\s+)?(?:like|(?:checked|verified|confirmed)\s+that)|"
    r"happy\s+with|no\s+(?:remarks?|complaints?|objections?|harm|risk|danger|issue|problem|concerns?|worries|change|skew|leak(?:age)?|bias|gap)\b|"
    r"nothing\s+(?:to\s+(?:do|add|change|fix)|wrong|is\s+wrong|leaks|is\s+lost)|(?:no|not)\s+(?:\w+\s+)?need(?:ed|s)?\b|need(?:s|ed)?\s+no\b|"
    r"takes?\s+care\s+of|(?:can|could|does|do|will)\s+(?:do\s+)?no\s+harm|do(?:es)?\s+(?:no|not|n['’]t)\s+(?:\w+\s+)?(?:hurt|matter|disturb)|"
    r"(?:don|doesn)['’]t\s+(?:\w+\s+)?(?:hurt|matter|disturb|care)|"
    r"so\s+(?:\w+\s+){0,8}(?:stays?|match(?:es)?|agree|agrees|always|correctly|aligned|honest|unbiased)\b|"
    r"(?:correctly|properly|rightly|safely|neatly|nicely|cleanly)\b|as\s+(?:the\s+)?\w+\s+(?:demands?|wants?|asks|says|requires?|promises))",
    re.IGNORECASE,
)
"""Words with which a text says that something is as it should be."""
OBJECTS = re.compile(
    r"\b(?:but|however|yet|except|although|though|unless|until|instead|should(?:n['’]t)?|must|wrong(?:ly)?|bug|isn['’]t|aren['’]t|wasn['’]t|"
    r"didn['’]t|fails?|breaks?|too|misses|otherwise|never\s+(?:was|been)|nobody|no\s+one|nowhere|only\s+(?:the|a|one|some|if|when|because|on|in|for)|"
    r"not\s+(?:right|correct|fine|good|ok|safe|sound|consistent|reliable|enough|the|what|as|deterministic|reproducible)|"
    r"rather\s+than|silently|while|whereas|even\s+(?:though|if|when)|inflated|biased|stale|leaks|leaky|drops|loses|lost|ignores|hides|swallows|"
    r"always|some|anyway|despite|of\s+course|says|supposed|unfortunately|sadly|suggest|replace|use)\b",
    re.IGNORECASE,
)
"""Words with which a sentence that approves of something says all the same that something is wrong."""


def says_what_is_wrong(text: str) -> bool:
    """Tell whether a sentence of a text may claim a fault.

    Parameters
    ----------
    text : str
        A finding, as written.

    Returns
    -------
    claims : bool
        False only where each sentence asks something, tells what to check, or approves.
    """
    sentences = [LEADING.sub("", PATH.sub("", part)).strip() for part in SENTENCE.split(text)]
    told = [one for one in sentences if re.search(r"\w+\W+\w+", one)]
    if not told or any(OBJECTS.search(one) and not _asks(one) for one in told):
        return True
    return not any(map(APPROVES.search, told)) and not all(map(_asks, told))


def _asks(sentence: str) -> bool:
    if sentence.rstrip(" *_`)").endswith("?"):
        last = re.split(r"[,:–—]\s|\s-\s", sentence)
        return any(ASKS.match(part.lstrip()) for part in (sentence, last[-1]))
    return TO_CHECK.match(sentence) is not None and not OBJECTS.search(sentence)


def _approves(sentence: str) -> bool:
    return APPROVES.search(sentence) is not None and not OBJECTS.search(sentence)
