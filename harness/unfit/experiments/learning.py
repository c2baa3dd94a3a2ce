"""Learning: what a model is fitted on, chosen by and judged on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd

from unfit.case import Case
from unfit.experiments.service import Row, Service
from unfit.experiments.stillness import largest_change, unmoved

__all__ = ["judges_the_same", "learns_the_same", "on_one_side", "same_again"]

Data = TypeVar("Data")


def learns_the_same(
    case: Case, service: Service, usual: Data, others: Mapping[str, Data], rows: Sequence[Row]
) -> None:
    """Train on data in which only what must not be learnt is changed; no answer may move.

    Parameters
    ----------
    case : Case
    service : Service
    usual : object
        Data of the exercise's world.
    others : mapping of str to object
        The same, changed: a column that is filled later shuffled or emptied, a code written as an empty field, an old
        line in front of the last one, everything after the moment changed.
    rows : sequence of dict
        What both models are asked about.

    Notes
    -----
    Rules: ``known-then``, ``one-meaning``, ``counts-once``, ``even-handed``. Exact, with the noise control of
    `unmoved`, and so it also sees a mistake at a diluted strength: a column that is hidden in half of the training
    rows.

    A column that is only blanked when predicting is learnt from still, and its shuffling moves the others' effects.
    """
    unmoved(
        case,
        lambda data: service.values(case, service.trained(case, data), rows),
        usual,
        others,
        gap=service.gap,
    )


def judges_the_same(
    case: Case,
    service: Service,
    usual: Data,
    others: Mapping[str, Data],
    *,
    watched: Iterable[str] | None = None,
    known: pd.Series | None = None,
) -> None:
    """Evaluate on data in which only what must not matter for some held-out rows is changed; their values stay.

    Parameters
    ----------
    case : Case
    service : Service
    usual : object
    others : mapping of str to object
        Rows of one fold changed, and others of that fold watched; later rows changed, and earlier ones watched; the
        other rows of the watched persons changed.
    watched : iterable of str, optional
        Ids whose held-out value must not move; all held-out rows by default.
    known : Series, optional
        The held-out values of the usual data, where the changes were chosen by them.

    Notes
    -----
    Rules: ``known-then``, ``kept-apart``, ``one-side``, ``settled``, ``as-in-service``. Exact, with the noise control
    of `unmoved`. Keep ids, times, labels and group ids as they are, so that a right split stays the same.

    Built against: an imputer or a scaler that is fitted before the split; folds that claim to keep groups together
    and a model that is fitted on all rows; a column that is hidden in training and read in the evaluation.
    """
    unmoved(
        case,
        lambda data: service.evaluated(case, data).known["value"],
        usual,
        others,
        watched=watched,
        gap=service.gap,
        known=known,
    )


def on_one_side(case: Case, rows: pd.DataFrame, group: pd.Series, *, what: str = "groups") -> bool:
    """Count who is held out in more than one fold.

    Parameters
    ----------
    case : Case
    rows : DataFrame
        `Evaluated.known`.
    group : Series
        Whom a row belongs to, by row id.
    what : str
        What the groups are, in the plural.

    Returns
    -------
    holds : bool

    Notes
    -----
    Rule: ``one-side``. Exact, and cheap, and not enough: folds are claims. Follow it with `judges_the_same`, in which
    the other rows of the watched persons are changed.
    """
    owners = group.reindex(rows.index)
    folds = rows["fold"].astype(str).groupby(owners.to_numpy()).nunique()
    crossing = folds[folds > 1]
    row = f"{crossing.index[0]}: in {crossing.iloc[0]} folds" if len(crossing) else ""
    return case.compare("{seen} are held out in two folds", seen=len(crossing), limit=0, unit=what, row=row)


def same_again(
    case: Case, service: Service, data: Any, rows: Sequence[Row] = (), *, evaluate: Any = None, times: int = 2
) -> None:
    """Train and evaluate again on the same data, under other seeds; nothing may differ.

    Parameters
    ----------
    case : Case
    service : Service
    data : object
    rows : sequence of dict
        What the models are asked about; without them nothing is trained.
    evaluate : object, optional
        Data to evaluate on; nothing is evaluated without them.
    times : int, default=2
        How many runs there are.

    Notes
    -----
    Rule: ``same-again``. Exact. The adapter hands every run another seed, so that whatever draws without one of its
    own, or from a generator that it does not seed, gives something else.
    """
    runs = range(times)
    if rows:
        models = case.apart(lambda run: service.trained(case, data, again=run), runs)
        answers = case.apart(lambda model: service.values(case, model, rows), models)
        _alike(case, "trained again", answers, service.gap)
    if evaluate is not None:
        claims = case.apart(lambda run: service.evaluated(case, evaluate, again=run), runs)
        _alike(case, "evaluated again", [claim.known["value"] for claim in claims], service.gap)
        figures = [claim.figure for claim in claims]
        case.compare(
            "the figure moved by {seen} in a rerun", seen=max(figures) - min(figures), limit=service.gap
        )


def _alike(case: Case, label: str, answers: Sequence[pd.Series], gap: float) -> None:
    """Compare runs that must not differ: here noise is what is looked for."""
    for other in answers[1:]:
        seen, row = largest_change(answers[0], other)
        case.compare(f"{label}: an answer moved by {{seen}}", seen=seen, limit=gap, row=row)
