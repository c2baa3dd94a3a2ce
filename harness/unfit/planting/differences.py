"""Differences of two texts, as edits that planting can find again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations

from unfit.errors import PlantingError
from unfit.planting.edit_places import find, occurrences, replace

__all__ = ["differences", "hunks"]

Hunk = tuple[int, int, list[str]]
"""First line, line after the last, and the lines that stand there instead."""
Pair = tuple[str, str]
"""`fixed` and `planted` of an edit."""


def differences(fixed: str, broken: str) -> list[Pair]:
    """Write what turns one text into another as edits of whole lines, each with as little context as makes it unique.

    Parameters
    ----------
    fixed, broken : str
        The texts; they differ.

    Returns
    -------
    pairs : list of (str, str)
        `fixed` and `planted` of each edit.

    Raises
    ------
    PlantingError
        If the fixed text is empty, so that no edit can find its place in it.
    """
    if not fixed:
        raise PlantingError(
            "an empty text holds no place for an edit", fix="put a line into the fixed version, a comment say"
        )
    lines = _lines(fixed)
    found = list(hunks(lines, _lines(broken)))
    whole = [(found[0][0], found[-1][1], _between(lines, found))]
    for attempt in (found, whole):
        pairs = [_unique(fixed, lines, hunk) for hunk in attempt]
        if _gives(fixed, pairs, broken):
            return pairs
    return [(fixed, broken)]


def _lines(text: str) -> list[str]:
    """Split at line feeds and nowhere else, keeping them."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def hunks(lines: Sequence[str], others: Sequence[str]) -> Iterator[Hunk]:
    """Find where two texts differ, line by line."""
    for kind, start, end, first, last in SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if kind != "equal":
            yield start, end, list(others[first:last])


def _between(lines: Sequence[str], changes: Sequence[Hunk]) -> list[str]:
    """Join the lines that replace everything from the first hunk to the last."""
    found: list[str] = []
    at = changes[0][0]
    for start, end, planted in changes:
        found += [*lines[at:start], *planted]
        at = end
    return found


def _unique(text: str, lines: Sequence[str], hunk: Hunk) -> Pair:
    """Add neighbouring lines, as few as possible, until the text is found in one place only."""
    start, end, planted = hunk
    for further in range(len(lines) + 1):
        for below in range(further + 1):
            above = further - below
            if above > start or below > len(lines) - end:
                continue
            before, after = "".join(lines[start - above : start]), "".join(lines[end : end + below])
            fixed = before + "".join(lines[start:end]) + after
            if fixed.strip() and len(occurrences(text, fixed)) == 1:
                return fixed, before + "".join(planted) + after
    return text, "".join([*lines[:start], *planted, *lines[end:]])


def _gives(fixed: str, pairs: Sequence[Pair], broken: str) -> bool:
    spans = [find(fixed, *pair, "the text") for pair in pairs]
    return (
        not any(one.clashes(other) for one, other in combinations(spans, 2))
        and replace(fixed, spans) == broken
    )
