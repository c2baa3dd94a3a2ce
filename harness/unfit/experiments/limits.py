"""Limits: whoever is woken at a number that the documents name is woken at that number, and not beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from unfit.case import Case
from unfit.experiments.watching import Alert

__all__ = ["wakes_exactly"]

Batch = TypeVar("Batch")


def wakes_exactly(
    case: Case,
    ask: Callable[[Batch], Sequence[Alert]],
    situations: Mapping[str, tuple[Batch, Iterable[str]]],
) -> None:
    """Show the watch situations on both sides of every limit: it pages for what the documents say, and nothing else.

    Parameters
    ----------
    case : Case
    ask : callable
        Takes a situation and returns its alerts.
    situations : mapping of str to (situation, iterable of str)
        In words, with the fields that must page; none where nobody may be woken.

    Notes
    -----
    Rules: ``outcomes-watched``, ``inputs-watched``, ``brake``. Exact: use it where the documents name the number, and
    stand right at it: 299 and 300, ten of twenty and eleven. Where they leave the yardstick free, stay a factor away.
    How often ordinary days page is `stays_quiet`'s affair.

    Built against: a limit off by one; more than and at least mixed up; the sum of errors with their signs, their
    median; a window that rows without an outcome fill; one reason for all pages.
    """
    answers = case.apart(lambda one: ask(one[0]), situations.values())
    for (label, (_, fields)), alerts in zip(situations.items(), answers, strict=True):
        case.equal(f"{label}: pages", sorted({alert.field for alert in alerts if alert.page}), sorted(fields))
