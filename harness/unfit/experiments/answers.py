"""Answers: each request gets one, whoever else asks and however it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from unfit.case import Case
from unfit.experiments.service import Answers, Row, Service
from unfit.experiments.spoiling import ABSENT
from unfit.experiments.stillness import promised, stands_still, unmoved

__all__ = [
    "alone_as_in_company",
    "answered_on_the_rest",
    "answers_the_same",
    "any_form",
    "one_for_one",
    "set_aside",
]

Laid = Mapping[int, Row]
"""What is laid over the rows of a batch, by position."""


def one_for_one(
    case: Case,
    service: Service,
    model: Any,
    rows: Sequence[Row],
    *,
    within: tuple[float, float] | None = (0.0, 1.0),
) -> None:
    """Ask for a batch, for one request and for none: each gets one answer, in order, and a number that can be one.

    The batch is in no order of its ids, and its last request says what the first says, under its own id.

    Parameters
    ----------
    case : Case
    service : Service
    model : Any
    rows : sequence of dict
        Requests that can all be answered.
    within : (float, float), optional
        Where every answered number lies.

    Notes
    -----
    Rule: ``one-for-one``. Exact: it never fails a right submission.
    Built against: an inner join with a register; results sorted by their id or number; equal requests merged; an error
    for an empty batch.
    """
    batches = {"a batch": _in_no_order(service, rows), "one request": list(rows[:1]), "none": []}
    answers = case.apart(lambda batch: service.answers(case, model, batch), batches.values())
    for (label, batch), answer in zip(batches.items(), answers, strict=True):
        case.equal(f"{label}: answered {{seen}}", list(answer.ids), service.ids(batch), unit="rows")
        fine = int((answer.statuses == service.ok).sum())
        case.equal(f"{label}: {{seen}} with status {service.ok}", fine, len(batch))
        if within is not None:
            outside = int((~answer.values.between(*within)).sum())
            case.equal(f"{label}: {{seen}} answers that cannot be one", outside, 0)


def _in_no_order(service: Service, rows: Sequence[Row]) -> list[Row]:
    """Put the second half first, backwards, and let the last request say what the first says."""
    half = len(rows) // 2
    turned = [*rows[half:][::-1], *rows[:half]]
    return [*turned[:-1], {**turned[0], service.key: turned[-1][service.key]}]


def answers_the_same(
    case: Case,
    service: Service,
    model: Any,
    usual: Sequence[Row],
    others: Mapping[str, Sequence[Row]],
    *,
    watched: Iterable[str] | None = None,
) -> None:
    """Ask the same in other words: a code and an empty field, an old line beside the last one.

    Parameters
    ----------
    case : Case
    service : Service
    model : Any
    usual : sequence of dict
    others : mapping of str to sequence of dict
        Batches that mean the same, by what is different.
    watched : iterable of str, optional
        Ids whose numbers must not move; all of the usual batch by default.

    Notes
    -----
    Rule: ``one-meaning``, ``independent``. Exact, with the noise control of `unmoved`.
    """
    unmoved(
        case,
        lambda batch: service.values(case, model, batch),
        list(usual),
        {label: list(batch) for label, batch in others.items()},
        watched=watched,
        gap=service.gap,
    )


def any_form(
    case: Case,
    service: Service,
    model: Any,
    rows: Sequence[Row],
    *,
    unknown: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> None:
    """Write the same requests otherwise: fields in other orders, unknown fields, empty ones left out.

    Parameters
    ----------
    case : Case
    service : Service
    model : Any
    rows : sequence of dict
    unknown : mapping of str to object, optional
        Fields that the service does not know.
    seed : int, optional
        Draws an order of fields for each row; the check's own by default.

    Notes
    -----
    Rule: ``independent``. Exact, with the noise control of `unmoved`.
    Built against: fields read by position, also where a field is unknown; the fields of the first row for all rows; a
    model that refuses or reads fields that it does not know; a missing key read as another thing than an empty one.
    """
    rng = np.random.default_rng([case.seed if seed is None else seed, 31])
    strange = dict(unknown or {"note": "rang twice", "desk": 7})
    turned = [dict(reversed(row.items())) for row in rows]
    drawn = [_in_another_order(row, rng) for row in rows]
    others = {
        "fields in the opposite order": turned,
        "fields in an order of each row's own": drawn,
        "unknown fields among them": [_in_another_order({**row, **strange}, rng) for row in rows],
        "unknown fields in front, in one row": [
            {**strange, **row} if at == 1 else row for at, row in enumerate(rows)
        ],
        "empty fields left out": sorted(
            ({k: v for k, v in row.items() if v is not None} for row in rows), key=len
        ),
    }
    with promised(case, "a request in another form"):
        answers_the_same(case, service, model, rows, others)


def _in_another_order(row: Row, rng: np.random.Generator) -> Row:
    return {name: row[name] for name in rng.permutation(list(row))}


def alone_as_in_company(
    case: Case,
    service: Service,
    model: Any,
    watched: Sequence[Row],
    companies: Mapping[str, Sequence[Row]],
    *,
    parts: Mapping[str, Sequence[Row]] | None = None,
    alone: int = 4,
) -> None:
    """Ask for some rows alone, among others of every kind, in the opposite order, and without one another.

    Parameters
    ----------
    case : Case
    service : Service
    model : Any
    watched : sequence of dict
        Rows that can be answered, some of them with gaps.
    companies : mapping of str to sequence of dict
        Batches of other rows, by their kind: extreme ones, unknown categories, rows that are set aside.
    parts : mapping of str to sequence of dict, optional
        Some of the watched rows, asked about without the rest: those of one kind, by the kind.
    alone : int, default=4
        How many are asked about one by one.

    Notes
    -----
    Rule: ``independent``. What it changes: who else is in the batch, in front and behind. What must not move: the
    number of every watched row. Exact, with the noise control of `unmoved`.

    Built against: gaps filled from the batch; categories numbered anew in each batch, also only where an unknown one
    is among them; a batch that is scaled by its own mean; a rule for big batches only.
    """
    rows = list(watched)
    others = {"the opposite order": rows[::-1], "every second one": rows[::2], "the other ones": rows[1::2]}
    others |= {f"only {label}": list(part) for label, part in (parts or {}).items()}
    for label, company in companies.items():
        others[f"{label} in front"] = [*company, *rows]
        others[f"{label} between"] = [row for pair in _between(rows, list(company)) for row in pair]
    others |= {f"alone, number {at + 1}": [rows[at]] for at in range(min(alone, len(rows)))}
    usual = service.values(case, model, rows)
    for label, batch in others.items():
        ids = set(service.ids(batch))
        unmoved(
            case,
            lambda batch: service.values(case, model, batch),
            rows,
            {label: batch},
            watched=[name for name in service.ids(rows) if name in ids],
            gap=service.gap,
            known=usual,
        )


def set_aside(
    case: Case,
    service: Service,
    model: Any,
    rows: Sequence[Row],
    spoilt: Iterable[tuple[str, Laid]],
    *,
    alone: bool = True,
) -> None:
    """Spoil some rows of a batch: exactly those are set aside, without a number, and the others are as usual.

    Parameters
    ----------
    case : Case
    service : Service
    model : Any
    rows : sequence of dict
        Rows that can all be answered.
    spoilt : iterable of (str, mapping of int to dict)
        In words what is wrong, and what is laid over the rows at some positions; see `unreadable` and `beyond`. A field
        laid over with `ABSENT` is left out.
    alone : bool, default=True
        Whether the first spoilt row of every batch is asked about alone, too.

    Notes
    -----
    Rule: ``set-aside``. What must not move: the numbers of the other rows. An error is a failure, since an answer is
    promised. Exact.

    Built against: one half for what cannot be read; a value clipped into its range; a text read as an empty field;
    truth values and lists read as numbers; a check of one field, at one end, or in a batch only.
    """
    asked: dict[str, tuple[list[Row], list[int]]] = {}
    for label, laid in spoilt:
        batch = [_laid(row, laid.get(at, {})) for at, row in enumerate(rows)]
        asked[label] = batch, sorted(laid)
        if alone:
            asked[f"{label}, alone"] = [batch[min(laid)]], [0]
    usual = service.answers(case, model, rows)
    for label, (_, at), seen in _asked(case, service, model, asked):
        ids = service.ids(asked[label][0])
        aside = [ids[position] for position in at]
        if not case.equal(f"{label}: answered {{seen}}", list(seen.ids), ids, unit="rows"):
            continue
        held = [name for name in ids if seen.statuses[name] == service.held]
        case.equal(f"{label}: set aside {{seen}}", held, aside, unit="rows")
        made_up = seen.values.reindex(aside).dropna()
        first = f"{made_up.index[0]}: {made_up.iloc[0]:.4g}" if len(made_up) else ""
        case.compare(f"{label}: {{seen}} rows set aside with a number", seen=len(made_up), limit=0, row=first)
        batches, answers = (rows, asked[label][0]), (usual, seen)
        _others_still(case, service, model, label=label, batches=batches, answers=answers, without=aside)


def _laid(row: Row, over: Row) -> Row:
    return {name: value for name, value in {**row, **over}.items() if value is not ABSENT}


def _asked(
    case: Case, service: Service, model: Any, asked: Mapping[str, tuple[list[Row], list[int]]]
) -> list[tuple[str, tuple[list[Row], list[int]], Answers]]:
    """Ask about batches to which an answer is promised."""

    def ask(label: str) -> Answers:
        with promised(case, label):
            return service.answers(case, model, asked[label][0])

    return [(label, asked[label], seen) for label, seen in zip(asked, case.apart(ask, asked), strict=True)]


def _others_still(
    case: Case,
    service: Service,
    model: Any,
    *,
    label: str,
    batches: tuple[Sequence[Row], Sequence[Row]],
    answers: tuple[Answers, Answers],
    without: Sequence[str],
) -> None:
    """Compare the rows of a batch that are as they were in the usual one."""
    usual, seen = answers
    stands_still(
        case,
        f"{label}, the others",
        usual.values,
        seen.values,
        again=lambda: case.apart(lambda some: service.values(case, model, some), batches),
        watched=[name for name in service.ids(batches[1]) if name not in set(without)],
        gap=service.gap,
    )


def answered_on_the_rest(
    case: Case,
    service: Service,
    model: Any,
    rows: Sequence[Row],
    newcomers: Mapping[str, Callable[[Row], Row]],
    *,
    share: float = 0.5,
    status: str | None = None,
) -> dict[str, Answers]:
    """Make some rows of a batch ones that the service meets for the first time.

    Parameters
    ----------
    case : Case
    service : Service
    model : Any
    rows : sequence of dict
    newcomers : mapping of str to callable
        By who they are: what is laid over a row.
    share : float, default=0.5
        How many rows of the batch are changed.
    status : str, optional
        How they are answered: `service.ok` with a number, by default, or `service.held` without one.

    Returns
    -------
    answers : dict of str to Answers
        For what the exercise compares besides.

    Notes
    -----
    Rule: ``newcomers``. What must not move: the numbers of the other rows. None may vanish. An error is a failure,
    since an answer is promised. Exact.

    Built against: an inner join; a look-up without a default; an empty key mended and an unknown one not; a newcomer
    alone, who is looked up otherwise.
    """
    wanted = service.ok if status is None else status
    many = max(1, round(share * len(rows)))
    usual = service.answers(case, model, rows)
    asked: dict[str, tuple[list[Row], list[int]]] = {}
    for label, change in newcomers.items():
        batch = [{**row, **change(row)} if at < many else row for at, row in enumerate(rows)]
        asked |= {label: (batch, list(range(many))), f"{label}, alone": (batch[:1], [0])}
    answers = {}
    for label, (batch, at), seen in _asked(case, service, model, asked):
        answers[label], ids = seen, service.ids(batch)
        if not case.equal(f"{label}: answered {{seen}}", list(seen.ids), ids, unit="rows"):
            continue
        fresh = [ids[position] for position in at]
        right = int((seen.statuses[fresh] == wanted).sum())
        case.equal(f"{label}: {{seen}} with status {wanted}", right, len(fresh))
        numbers = int(seen.values[fresh].notna().sum())
        case.equal(f"{label}: {{seen}} with a number", numbers, len(fresh) if wanted == service.ok else 0)
        pair, both = (rows, batch), (usual, seen)
        _others_still(case, service, model, label=label, batches=pair, answers=both, without=fresh)
    return answers


def _between(rows: list[Row], company: list[Row]) -> list[list[Row]]:
    """Deal some rows into a company, so that each stands in another place."""
    step = max(1, len(company) // max(len(rows), 1))
    dealt = [[*company[at * step : (at + 1) * step], row] for at, row in enumerate(rows)]
    return [*dealt, company[len(rows) * step :]]
