"""Labels: "Where: src/a.py. Category: leakage" as fields and their texts."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from unfit.review.blocks import STRONG
from unfit.review.words import field_of, plainly, severity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKBOX", "SHORT", "by_value", "fields"]

MOST_READ = 2_000
SHORT = {"where", "category", "severity", "status", "number", "title"}
"""Fields of a few words; what follows them without a label belongs elsewhere."""
LABEL = re.compile(
    rf"(?P<before>^|[.;|·•,(]|{STRONG[1]})\s*+[-•*–—]?+\s*+(?P<bold>{STRONG[0]}?+)\s*+"
    rf"(?P<label>[^{STRONG[0]}{STRONG[1]}:：.;|·•,]{{2,40}}?)\s*+{STRONG[1]}?+\s*+[:：]{STRONG[1]}?\s*"
)
START = re.compile(
    rf"\s*+[-•*–—>]?+\s*+{STRONG[0]}(?P<label>[^{STRONG[1]}]{{2,40}}?)[:：.]?\s*{STRONG[1]}\s*[:：–—-]?\s*"
)
DASHED = re.compile(r"\s*+[-•*]?+\s*+(?P<label>[A-Za-z][\w '’]{1,30}?)(?:\s+[-–—=]+>?\s+|\t+)")
CHECKBOX = re.compile(r"^\s*\[[ xX]\]\s*")


def fields(line: str) -> Iterator[tuple[str, str]]:
    """Split a line at its labels: ``"Where: a.py. Category: leakage"`` gives two pieces.

    Yields
    ------
    name, text : str
        The field, empty for text that no label stands before.
    """
    line = plainly(CHECKBOX.sub("", line).lstrip())
    cuts: list[tuple[int, int, str]] = []
    for pattern in (START, DASHED):
        match = pattern.match(line)
        name = field_of(match["label"], typos=pattern is START) if match else ""
        if match and name and (pattern is START or name in SHORT | {"put_off"}):
            cuts = [(0, match.end(), name)]
            break
    for match in LABEL.finditer(line, 0, MOST_READ):
        first = not match["before"]
        name = field_of(match["label"].lstrip("( "), typos=first or bool(match["bold"]))
        plain = not first and not match["bold"]
        if not name or (
            plain and not match["label"].strip("( ")[:1].isupper() and match["before"] not in {"|", "(", ";"}
        ):
            continue
        if plain and name in {"title", "number", "status"}:
            continue
        start = match.start("label") if first else match.start() + len(match["before"])
        if not cuts or start >= cuts[-1][1]:
            cuts.append((start, match.end(), name))
    if not cuts or line[: cuts[0][0]].strip(" -•*–—\x02\x03("):
        yield "", line[: cuts[0][0]] if cuts else line
    for (_, end, name), (after, _, _) in itertools.pairwise([*cuts, (len(line), 0, "")]):
        yield name, line[end:after].strip(" \t|;·•")


def by_value(name: str, text: str) -> str:
    """Put "impact: high" and "risk: critical" where they belong."""
    short = 12
    return "severity" if name == "harm" and len(text.strip()) <= short and severity_of(text) else name
