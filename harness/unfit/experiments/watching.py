"""Watching: clear changes are named, and ordinary days wake nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from unfit.case import Case
from unfit.errors import CheckError
from unfit.experiments.power import Rates

__all__ = ["Alert", "notices", "stays_quiet"]

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Alert:
    """One alert, as the adapter reads it.

    Parameters
    ----------
    field : str
    page : bool, default=True
        Whether it wakes somebody.
    """

    field: str
    page: bool = True


def notices(
    case: Case,
    ask: Callable[[Batch], Sequence[Alert]],
    changes: Mapping[str, tuple[str, Batch]],
    *,
    ordinary: Iterable[Batch] = (),
    most: int | None = None,
) -> None:
    """Show the watch batches in which one thing has clearly changed: it pages, and names the field.

    Parameters
    ----------
    case : Case
    ask : callable
        Takes a batch and returns its alerts.
    changes : mapping of str to (str, batch)
        By what is changed, in words: the field that must be named, and the batch.
    ordinary : iterable of batch
        Batches in which nothing is changed. A field that pages on all of them is named for nothing.
    most : int, optional
        Alerts that one field may give in one batch.

    Notes
    -----
    Rules: ``inputs-watched``, ``outputs-watched``. Change by a standard deviation or a quarter of the rows, of five
    hundred rows or so: every sound method sees that every time, so the error rates are those of the world. Change
    numbers, categories, shares of the empty, and fields that are sometimes empty.

    Built against: the window held against itself; rows with gaps dropped, or a test that knows no gaps; numbers
    watched and categories not; a watch that names everything always.
    """
    answers = case.apart(lambda change: ask(change[1]), changes.values())
    for (label, (field, _)), alerts in zip(changes.items(), answers, strict=True):
        paged = sorted({alert.field for alert in alerts if alert.page})
        case.confirm(
            f"pages and names `{field}`: {label}", holds=field in paged, detail=", ".join(paged) or "nothing"
        )
        if most is not None:
            fields = [alert.field for alert in alerts]
            loudest = max(((fields.count(name), name) for name in fields), default=(0, ""))
            case.compare(
                f"{label}: {{seen}} alerts for one field", seen=loudest[0], limit=most, row=loudest[1]
            )
    calm = [{alert.field for alert in alerts if alert.page} for alerts in case.apart(ask, ordinary)]
    always = set.intersection(*calm) if calm else set()
    for field in sorted({field for field, _ in changes.values()}):
        if calm:
            case.confirm(f"leaves `{field}` in peace on an ordinary day", holds=field not in always)


def stays_quiet(
    case: Case,
    days: Iterable[bool],
    *,
    what: str = "ordinary days",
    promised: float = 0.01,
    caught: float = 0.1,
    most: int = 400,
) -> None:
    """Count the ordinary days that wake somebody, until the promise is proven or broken.

    Parameters
    ----------
    case : Case
    days : iterable of bool
        Whether each day woke somebody. It is asked for only as many as are needed, so let it draw them as it goes.
        Draw several histories in turn: days that share one resemble each other.
    what : str
        What the days are, in the plural: ``"days of a hundred loads"``. Call once for each kind, which tells of a
        watch that is loud on days of one size.
    promised, caught, most : float, float, int
        See `Rates`.

    Notes
    -----
    Rule: ``quiet``. Statistical, and sequential: a silent watch passes after some sixty days, and a loud one fails
    after ten. On independent days a watch that keeps the promise to the letter fails, and one at the rate `caught`
    passes, about twice in a thousand times.

    Built against: each field tested at five per cent, or at one; some tests corrected and one not; a fixed distance
    that is loud on small days; a reference made of rows that the model was fitted on.
    """
    rates = Rates(promised=promised, caught=caught, most=most)
    draws, hits, ended = 0, 0, None
    for woke in days:
        draws, hits = draws + 1, hits + bool(woke)
        ended = rates.settled(draws=draws, hits=hits)
        if ended is not None:
            break
    if ended is None:
        raise CheckError(
            f"{draws} {what} tell nothing yet: {hits} woke somebody", fix=f"draw up to {most} of them"
        )
    case.compare("{seen} woke somebody", seen=hits, limit=rates.limit(draws), unit=what, row=f"of {draws}")
