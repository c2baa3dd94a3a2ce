"""Upstream: what others run may fail, and answers come all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from unfit.case import Case
from unfit.experiments.service import Row, Service
from unfit.experiments.stillness import largest_change, promised, stands_still

__all__ = ["answered_without", "normal_again"]


def answered_without(
    case: Case,
    service: Service,
    usual: Any,
    rows: Sequence[Row],
    failing: Mapping[str, tuple[Any, Iterable[str]]],
    *,
    status: str,
) -> None:
    """Let something that the service asks fail for some rows: they are answered on the rest and say so.

    Parameters
    ----------
    case : Case
    service : Service
    usual : Any
        The model with everything in reach, as `service.answer` takes it.
    rows : sequence of dict
        Requests that can all be answered.
    failing : mapping of str to (Any, iterable of str)
        By what fails, in words: the model with that out of reach, and the ids of the rows that need it. Let each part
        of it fail in each way, all of it at once, and one answer of many.
    status : str
        The status of a row that is answered without it.

    Notes
    -----
    Rule: ``upstream``. What must not move: the number of every other row, which stays ``service.ok``. None may vanish;
    their order is another rule's affair. An error is a failure, since an answer is promised. Exact.

    It says nothing about what the answers without it are worth; hold them against a floor besides. Follow it with
    `normal_again`.

    Built against: one error of several caught; one failure that takes the whole batch with it, or all that would have
    been asked later; ordinary values in place of what is missing, unmarked; a mark without an answer.
    """
    before, ids = service.answers(case, usual, rows), service.ids(rows)
    for label, (model, concerned) in failing.items():
        lost = set(concerned)
        with promised(case, label):
            seen = service.answers(case, model, rows)
        case.equal(f"{label}: answered {{seen}}", sorted(seen.ids), sorted(ids), unit="rows")
        for wanted, names in (
            (status, [name for name in ids if name in lost]),
            (service.ok, [name for name in ids if name not in lost]),
        ):
            marked = [name for name in ids if seen.statuses.get(name) == wanted]
            case.equal(f"{label}: {{seen}} with status {wanted}", marked, names, unit="rows")
        empty = [name for name in ids if name not in seen.values.dropna().index]
        case.compare(
            f"{label}: {{seen}} rows without a number", seen=len(empty), limit=0, row=", ".join(empty[:1])
        )
        stands_still(
            case,
            f"{label}, the others",
            before.values,
            seen.values,
            again=lambda model=model: case.apart(  # type: ignore[misc]
                lambda one: service.values(case, one, rows), (usual, model)
            ),
            watched=[name for name in ids if name not in lost],
            gap=service.gap,
        )


def normal_again(
    case: Case, service: Service, pair: tuple[Any, Any], rows: Sequence[Row], failing: Iterable[Any]
) -> None:
    """Ask while something fails, and once it has recovered, all in one process: the answers are the usual ones.

    Parameters
    ----------
    case : Case
    service : Service
    pair : (Any, Any)
        The model with everything in reach: asked about in a process of its own, and in that of the failing ones.
    rows : sequence of dict
    failing : iterable of Any
        Models that reach less, asked about in turn, in one session.

    Notes
    -----
    Rule: ``upstream``. What must not move: the number of every row. An error while it fails is a failure. Exact.
    Built against: an answer given in need that is remembered; a breaker that never closes again.
    """
    usual, recovered = pair
    known = service.values(case, usual, rows)
    for model in failing:
        with promised(case, "while it fails"):
            service.values(case, model, rows)
    seen, row = largest_change(known, service.values(case, recovered, rows))
    case.compare("once it has recovered: an answer moved by {seen}", seen=seen, limit=service.gap, row=row)
