"""Causes: what a check said where it did not end as it must, told once for all trees that it was seen on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from unfit.brief import some_of
from unfit.grades import Outcome
from unfit.report.words import why
from unfit.validate.validation import Seen, Table

__all__ = ["Cause", "cause_of", "causes", "listed", "shape"]

FEW = 5
"""Trees that a sentence names."""


@dataclass(frozen=True)
class Cause:
    """Why a check errored or broke, and where.

    Parameters
    ----------
    check : str
    broken : bool
        Whether the check itself raised, and not the submission.
    said : str
        As it was said on the first of the trees.
    trees : tuple of str
    """

    check: str
    broken: bool
    said: str
    trees: tuple[str, ...]


def cause_of(seen: Seen, check: str) -> str:
    """Say in one line why a check ended as it did, with the line of the author's file that asked."""
    if check in seen.broken:
        return seen.broken[check].partition("\n  fix: ")[0]
    verdict = seen.verdicts[check]
    if verdict.outcome is Outcome.PASSED:
        return ""
    place = seen.places.get(check)
    return f"{why(verdict)}, asked at {place}" if place else why(verdict)


def shape(text: str) -> str:
    """Write a cause without numbers and without the submission's own line: neither makes it another cause."""
    without_place = re.sub(r" \([^()]*:\d+( in [^()]*)?\)", "", text)
    return re.sub(r"\d+(\.\d+)?(e[+-]?\d+)?", "#", without_place)


def causes(table: Table) -> list[Cause]:
    """Gather why checks errored or broke, each cause once, in the order of the table; the empty project is left out."""
    found: dict[tuple[str, bool, str], list[tuple[str, str]]] = {}
    for row in table.rows:
        for cell in row.cells:
            if row.kind != "empty" and cell.cause and set(cell.seen) & {"e", "x"}:
                key = (cell.check, "x" in cell.seen, shape(cell.cause))
                found.setdefault(key, []).append((row.tree, cell.cause))
    return [
        Cause(check, broken, cells[0][1], tuple(tree for tree, _ in cells))
        for (check, broken, _), cells in found.items()
    ]


def listed(trees: Sequence[str]) -> str:
    """Name a few trees, and count the rest."""
    return some_of(trees, FEW if len(trees) > FEW + 1 else FEW + 1)
