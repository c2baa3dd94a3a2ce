"""Watching: clear changes are named, and ordinary days wake nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from unfit.case import Case
from unfit.experiments.power import odds

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
    woken: Mapping[str, Sequence[bool]],
    *,
    promised: float = 0.01,
    caught: float = 0.10,
    apart: bool = True,
) -> None:
    """Count the ordinary days that wake somebody.

    Parameters
    ----------
    case : Case
    woken : mapping of str to sequence of bool
        For each kind of day, whether each of them woke somebody: small days and large ones, of several histories.
    promised : float, default=0.01
        The rate that the standard allows.
    caught : float, default=0.10
        The rate that is told from it, over all days.
    apart : bool, default=True
        Whether each kind is also held against the promise by itself, which tells of a watch that is loud on days of
        one size.

    Notes
    -----
    Rule: ``quiet``. Statistical: a binomial bound, exact where days are independent. A watch that keeps the promise to
    the letter is failed once in a thousand times; one at the rate `caught` passes at most once in twenty. The
    experiment refuses to run with fewer days than that takes. Days that share a reference resemble each other, so draw
    several histories and few days of each.

    Built against: each field tested at five per cent, or at one; some tests corrected and one not; a fixed distance
    that is loud on small days; a reference made of rows that the model was fitted on.
    """
    kinds = {label: list(days) for label, days in woken.items()}
    total = [day for days in kinds.values() for day in days]
    whole = odds(len(total), promised=promised, caught=caught)
    if apart and len(kinds) > 1:
        for label, days in kinds.items():
            some = odds(len(days), promised=promised, caught=1.0, wrongly_rejected=1e-3 / len(kinds))
            case.compare(
                f"{label}: {{seen}} woke somebody",
                seen=sum(days),
                limit=some.limit,
                unit=f"of {len(days)} days",
            )
    case.compare(
        "{seen} woke somebody", seen=sum(total), limit=whole.limit, unit=f"of {len(total)} ordinary days"
    )
