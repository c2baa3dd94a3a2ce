"""Operators, as records: a usual mistake, what it breaks, and how to find where it can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from unfit.operators.changing import Change
from unfit.operators.code import Code

__all__ = ["Operator", "operator"]

Finder = Callable[[Code], Iterator[Change]]


@dataclass(frozen=True)
class Operator:
    """A usual mistake that can be planted in code that does not make it.

    Parameters
    ----------
    name : str
        Words with hyphens that name the mistake; the id of a defect that is recorded.
    rule : str
        The rule of the standard that it breaks, unless a change says another.
    category, severity, difficulty : str
        As in ``defects.toml``.
    title : str
        What is wrong, in a line.
    teaches, source : str
        As in ``defects.toml``.
    asks_mended, asks_not_mended : tuple of str
        What to ask afterwards.
    proof : tuple of str
        Of the rule's experiments, those that tell it; all of them where empty.
    find : callable
        Goes through the places of one file where it can be made.
    """

    name: str
    rule: str
    category: str
    severity: Literal["minor", "major", "critical"]
    difficulty: Literal["easy", "medium", "hard"]
    title: str
    teaches: str
    source: str
    asks_mended: tuple[str, ...]
    asks_not_mended: tuple[str, ...]
    proof: tuple[str, ...]
    find: Finder


def operator(
    rule: str,
    category: str,
    severity: Literal["minor", "major", "critical"],
    difficulty: Literal["easy", "medium", "hard"],
    *,
    title: str,
    teaches: str,
    source: str,
    mended: str,
    standing: str,
    proof: tuple[str, ...] = (),
) -> Callable[[Finder], Operator]:
    """Make an operator of a function that finds its places; the function's name is the mistake's."""

    def made(find: Finder) -> Operator:
        name = find.__name__.replace("_", "-")
        return Operator(
            name,
            rule,
            category,
            severity,
            difficulty,
            title,
            teaches,
            source,
            (mended,),
            (standing,),
            proof,
            find,
        )

    return made
