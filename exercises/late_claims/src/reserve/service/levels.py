"""Levels: who at the desk may set a reserve, by its size."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reserve.common.money import shown
from reserve.service.scoring import HELD, Answer


@dataclass(frozen=True)
class Level:
    """What somebody of a level may set without asking."""

    name: str
    most: float


LEVELS = (
    Level("clerk", 2_500.0),
    Level("senior clerk", 10_000.0),
    Level("team lead", 40_000.0),
    Level("head of claims", float("inf")),
)
BY_HAND = LEVELS[1]
"""Who looks at a claim that was left to the desk."""


def level_of(answer: Answer) -> Level:
    """Return the lowest level that may take an answer as it is."""
    if answer.status == HELD or answer.reserve is None:
        return BY_HAND
    return LEVELS[bisect_left([level.most for level in LEVELS], answer.reserve)]


def routed(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Sort answers into the trays of the levels, the largest reserve first; those without one stand in front."""
    trays: dict[str, list[Answer]] = {level.name: [] for level in LEVELS}
    for answer in answers:
        trays[level_of(answer).name].append(answer)
    for tray in trays.values():
        tray.sort(key=lambda one: (one.reserve is not None, -(one.reserve or 0.0), one.claim_id))
    return trays


def summary(answers: Iterable[Answer]) -> str:
    """Write the mail that the desk gets at seven."""
    trays = routed(answers)
    lines = []
    for name, tray in trays.items():
        counts = Counter(one.status for one in tray)
        total = sum(one.reserve or 0.0 for one in tray)
        lines.append(f"{name}: {counts['ok']} with {shown(total)}, {counts['held']} by hand")
    return "\n".join(lines) + "\n"
