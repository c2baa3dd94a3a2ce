"""Stillness: whether numbers that must not move stand still, when only what must not matter changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import pandas as pd

from unfit.case import Case, Ended, same
from unfit.grades import Outcome
from unfit.noise import Numbers, change, explains
from unfit.sandbox import FaultKind

__all__ = ["GAP", "largest_change", "promised", "row_of", "stands_still", "unmoved"]

GAP = 1e-6
"""How far two numbers may lie apart that must be equal: the rounding of sums in another order."""
MISSING = 1.0
"""How far a missing answer is from any other: it has moved, whatever the unit."""

Question = TypeVar("Question")


def unmoved(
    case: Case,
    ask: Callable[[Question], pd.Series],
    usual: Question,
    changed: Mapping[str, Question],
    *,
    watched: Iterable[str] | None = None,
    gap: float = GAP,
    known: pd.Series | None = None,
) -> None:
    """Ask a usual question and some in which only what must not matter is changed; no answer may move.

    Use it where no ready-made experiment fits. `answers_the_same`, `learns_the_same` and `judges_the_same` are made
    of it.

    Parameters
    ----------
    case : Case
    ask : callable
        Takes a question and returns numbers, or other plain values, by row id.
    usual : Question
    changed : mapping of str to Question
        By what is changed, in words: ``"fields in another order"``.
    watched : iterable of str, optional
        Ids that must not move; those of the usual answer by default.
    gap : float
    known : Series, optional
        The answer to the usual question, where the changes were chosen by it.

    Notes
    -----
    What it changes: what the caller says. What must not move: the answer of every watched row; a lost row has moved.

    Noise control: every question has a process of its own, in an order that the seed draws. Where something moved,
    both questions are asked once more, and the check ends as unproven if equal questions differ as much.

    Error rates: none of a right submission that is deterministic; it is exact. A change that moves every answer by
    less than `gap` is not seen.
    """
    questions = list(changed.values())
    if known is None:
        before, *answers = case.apart(ask, (usual, *questions))
    else:
        before, answers = known, case.apart(ask, questions)
    for (label, question), answer in zip(changed.items(), answers, strict=True):
        stands_still(
            case,
            label,
            before,
            answer,
            again=lambda question=question: case.apart(ask, (usual, question)),  # type: ignore[misc]
            watched=watched,
            gap=gap,
        )


def stands_still(
    case: Case,
    label: str,
    before: pd.Series,
    after: pd.Series,
    *,
    again: Callable[[], Sequence[pd.Series]],
    watched: Iterable[str] | None = None,
    gap: float = GAP,
) -> None:
    """Compare two answers by row, where something else was asked already; see `unmoved`.

    Parameters
    ----------
    case : Case
    label : str
        What was changed, in words.
    before, after : Series
        By row id.
    again : callable
        Asks both questions once more; it is called only where something moved.
    watched : iterable of str, optional
        Ids that must not move; those of `before` by default.
    gap : float
    """
    names = list(before.index) if watched is None else list(watched)
    one, other = before.reindex(names), after.reindex(names)
    moved = _change(one, other)
    largest = float(moved.max(initial=0.0))
    if largest > gap:
        runs = zip((one, other), again(), strict=True)
        noises = [_change(first, second.reindex(names)) for first, second in runs]
        noise = max(noises, key=lambda rows: float(rows.max(initial=0.0)))
        if explains(noise, moved, limit=gap):
            case.unproven(
                f"{label}: two answers to one question differ by {float(noise.max()):.3g}, so a change proves nothing"
            )
    case.compare(
        f"{label}: an answer moved by {{seen}}", seen=largest, limit=gap, row=row_of(one, other, moved)
    )


def largest_change(before: pd.Series, after: pd.Series) -> tuple[float, str]:
    """Measure the largest change of a row, and name that row; see `row_of`."""
    other = after.reindex(before.index)
    moved = _change(before, other)
    return float(moved.max(initial=0.0)), row_of(before, other, moved)


def row_of(one: pd.Series, other: pd.Series, moved: Numbers) -> str:
    """Name the row that moved most, with what it was before and after; nothing where none moved."""
    if not len(moved) or not moved.max() > 0:
        return ""
    at = int(np.argmax(moved))
    return f"{one.index[at]}: {_shown(one.iloc[at])} before, {_shown(other.iloc[at])} after"


@contextmanager
def promised(case: Case, what: str) -> Iterator[None]:
    """Take an error of the submission as a failure of the check, where the rule promises an answer.

    Parameters
    ----------
    case : Case
    what : str
        What is asked, in words.

    Notes
    -----
    This is the one rule for raising. An answer that breaks the contract, or a limit that is reached, stays an error.
    """
    try:
        yield
    except Ended as ended:
        if ended.outcome is Outcome.ERRORED and ended.kind is FaultKind.RAISED:
            case.confirm(f"{what}: is answered", holds=False, detail=ended.cause)
            raise Ended(Outcome.FAILED, ended.cause) from None
        raise


def _change(one: pd.Series, other: pd.Series) -> Numbers:
    if np.dtype(object) in {one.dtype, other.dtype}:
        pairs = zip(one, other, strict=True)
        return np.array([0.0 if same(before, after) else MISSING for before, after in pairs])
    return change(one.to_numpy(dtype=float), other.to_numpy(dtype=float), missing=MISSING)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "no answer" if np.isnan(value) else f"{value:.4g}"
    return str(value)[:60]
