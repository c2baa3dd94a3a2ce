"""Experiments on answers tell a service that keeps the rule from those that break it plainly or narrowly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from miniature import FIELDS, RANGES, SERVICE, case_of, number, one, outcome, past, rows, score, train
from unfit.case import Case
from unfit.experiments import (
    ABSENT,
    ODD,
    UNREADABLE,
    Row,
    alone_as_in_company,
    answered_on_the_rest,
    any_form,
    beyond,
    one_for_one,
    set_aside,
    unreadable,
)

MODEL = train(past())
Score = Callable[[dict[str, Any], list[Row]], list[Row]]


def whole(case: Case) -> None:
    one_for_one(case, SERVICE, MODEL, rows())


def forms(case: Case) -> None:
    any_form(case, SERVICE, MODEL, rows())


def company(case: Case) -> None:
    low, high = (
        [{**row, "id": f"C{at:04d}", "age": age} for at, row in enumerate(rows(30))] for age in (6.0, 94.0)
    )
    strange = [{**row, "id": f"C{at:04d}", "kind": "newt"} for at, row in enumerate(rows(4))]
    broken = [{**row, "id": f"C{at:04d}", "age": "old"} for at, row in enumerate(rows(4))]
    companies = {"the young": low, "the old": high, "unknown kinds": strange, "unreadable rows": broken}
    alone_as_in_company(case, SERVICE, MODEL, rows(), companies)


def aside(case: Case) -> None:
    set_aside(case, SERVICE, MODEL, rows(), unreadable(rows(), FIELDS, {**UNREADABLE, **ODD}))


def absent(case: Case) -> None:
    laid = {3: {"age": ABSENT}, 7: {"age": ABSENT}}
    set_aside(case, SERVICE, MODEL, rows(), [("no age", laid)])


def ranges(case: Case) -> None:
    set_aside(case, SERVICE, MODEL, rows(), beyond(rows(), RANGES))


def strangers(case: Case) -> None:
    kinds: dict[str, Callable[[Row], Row]] = {
        "an unknown kind": lambda _: {"kind": "newt"},
        "no kind": lambda _: {"kind": None},
    }
    answered_on_the_rest(case, SERVICE, MODEL, rows(), kinds)


def with_numbers(read: Callable[[Any, str], Any]) -> Score:
    """A service that reads its numbers in another way before the usual look at them."""
    return lambda model, batch: [
        one(model, {**row, **{f: read(row.get(f), f) for f in FIELDS}}) for row in batch
    ]


def demanding(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """Set a row without an age aside, where an empty one is answered on the rest."""
    held = {"score": None, "status": "held"}
    return [one(model, row) if "age" in row else {"id": row["id"], **held} for row in batch]


def demanding_in_company(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return demanding(model, batch) if len(batch) > 1 else score(model, batch)


def clipped(value: Any, field: str) -> Any:
    low, high = RANGES[field]
    return (
        min(max(value, low), high)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else value
    )


def emptied(value: Any, field: str) -> Any:
    try:
        return number(value, field)
    except (TypeError, ValueError):
        return None


def truthful(value: Any, field: str) -> Any:
    del field
    return float(value) if isinstance(value, bool) else value


def by_position(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    names = list(batch[0]) if batch else []
    return score(model, [dict(zip(names, row.values(), strict=False)) for row in batch])


def by_position_of_unknown(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """By position as soon as a field is unknown; its fields are then those in front."""
    names = ["id", "age", "weight", "kind", "ward"]
    known = [row if len(row) == len(names) else dict(zip(names, row.values(), strict=False)) for row in batch]
    answers = score(model, known)
    return [{**answer, "id": row["id"]} for answer, row in zip(answers, batch, strict=True)]


def first_decides(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """Read the fields that the first row has, from every row."""
    names = list(batch[0]) if batch else []
    return score(model, [{name: row.get(name) for name in names} for row in batch])


def recoded(when: Callable[[list[Row]], bool]) -> Score:
    """Number the kinds anew in some batches."""

    def answer(model: dict[str, Any], batch: list[Row]) -> list[Row]:
        if not when(batch):
            return score(model, batch)
        kinds = sorted({str(row["kind"]) for row in batch})
        return [one({**model, "kinds": kinds}, {**row, "kind": str(row["kind"])}) for row in batch]

    return answer


def filled(when: Callable[[list[Row]], bool]) -> Score:
    """Fill the gaps of a batch from the batch."""

    def answer(model: dict[str, Any], batch: list[Row]) -> list[Row]:
        known = [row["weight"] for row in batch if isinstance(row["weight"], float)]
        if not known or not when(batch):
            return score(model, batch)
        mean = sum(known) / len(known) + sum(row["age"] for row in batch if isinstance(row["age"], float))
        return [
            one(model, row if row["weight"] else {**row, "weight": min(mean / 20, 200.0)}) for row in batch
        ]

    return answer


def unknown(batch: list[Row]) -> bool:
    return any(row["kind"] not in {"cat", "dog", "owl"} for row in batch)


def joined(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return score(model, [row for row in batch if row["kind"] in model["kinds"]])


def looked_up(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return [one(model, row) for row in batch if model["kinds"].index(row["kind"]) >= 0]


def only_empty(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return [one(model, row) for row in batch if row["kind"] in {None, *model["kinds"]}]


def stops_alone(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return looked_up(model, batch) if len(batch) == 1 else score(model, batch)


def moves_others(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    shift = 0.001 * unknown(batch)
    return [{**row, "score": row["score"] + shift} for row in score(model, batch)]


def needs_one(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return [one(model, batch[0]), *score(model, batch[1:])]


def by_score(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return sorted(score(model, batch), key=lambda row: row["score"])


def by_id(model: dict[str, Any], batch: list[Row], *, backwards: bool) -> list[Row]:
    return sorted(score(model, batch), key=lambda row: row["id"], reverse=backwards)


def merged(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """Answer once what is asked twice."""
    said = {tuple(value for name, value in row.items() if name != "id"): row for row in reversed(batch)}
    return score(model, [row for row in batch if row in said.values()])


def strict(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    if any(set(row) - {"id", "age", "weight", "kind", "ward"} for row in batch):
        raise KeyError("unknown field")
    return score(model, batch)


def note_counts(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """Read a field that the service does not know."""
    return [{**one(model, row), "score": 0.5} if "note" in row else one(model, row) for row in batch]


def behind_strangers(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """Right but where the first of a batch comes from elsewhere."""
    return filled(lambda rows: rows[0]["id"] > rows[-1]["id"])(model, batch)


def just_above(value: Any, field: str) -> Any:
    return 200.0 if field == "weight" and value and 200 < value < 210 else value


@pytest.mark.parametrize("experiment", [whole, forms, company, aside, ranges, strangers])
def test_a_service_that_keeps_the_rule_passes(experiment: Callable[[Case], None]) -> None:
    assert outcome(experiment, case_of()) == "passed"


@pytest.mark.parametrize(
    ("experiment", "broken"),
    [
        (whole, lambda model, batch: score(model, batch[1:])),
        (whole, by_score),
        (whole, lambda model, batch: [*score(model, batch), *score(model, batch[:1])]),
        (whole, lambda model, batch: [{**row, "score": 100 * row["score"]} for row in score(model, batch)]),
        (forms, by_position),
        (forms, strict),
(forms, note_counts),
        (company, filled(lambda _: True)),
        (company, recoded(lambda _: True)),
        (aside, lambda model, batch: [{**row, "score": row["score"] or 0.5} for row in score(model, batch)]),
        (aside, with_numbers(emptied)),
        (absent, score),
        (ranges, with_numbers(clipped)),
        (strangers, joined),
        (strangers, looked_up),
        (strangers, lambda model, batch: [{**row, "status": "held", "score": None} for row in score(model, batch)]),
    ],
)  # fmt: skip
def test_a_service_that_breaks_the_rule_plainly_fails(
    experiment: Callable[[Case], None], broken: Score
) -> None:
    assert outcome(experiment, case_of(score=broken)) == "failed"


@pytest.mark.parametrize(
    ("experiment", "narrow"),
    [
        (forms, first_decides),
        (forms, by_position_of_unknown),
        (company, recoded(unknown)),
        (company, filled(lambda batch: len(batch) < 7)),
        (company, filled(lambda batch: len(batch) > 20)),
        (company, behind_strangers),
        (company, filled(lambda batch: any(row["age"] == "old" for row in batch))),
        (aside, with_numbers(truthful)),
        (absent, demanding_in_company),
        (aside, lambda model, batch: score(model, batch) if len(batch) > 1 else with_numbers(emptied)(model, batch)),
        (aside, with_numbers(lambda value, field: emptied(value, field) if field == "weight" else value)),
        (aside, with_numbers(lambda value, field: emptied(value, field) if isinstance(value, list) else value)),
        (ranges, with_numbers(lambda value, field: max(value, 0.0) if field == "age" and value is not None else value)),
        (ranges, with_numbers(just_above)),
        (whole, partial(by_id, backwards=False)),
        (whole, partial(by_id, backwards=True)),
        (whole, merged),
        (strangers, only_empty),
        (strangers, stops_alone),
        (strangers, moves_others),
        (whole, lambda model, batch: score(model, batch) if batch else [{"id": "none", "score": 0.5, "status": "ok"}]),
    ],
)  # fmt: skip
def test_a_service_that_breaks_the_rule_narrowly_fails(
    experiment: Callable[[Case], None], narrow: Score
) -> None:
    assert outcome(experiment, case_of(score=narrow)) == "failed"


def by_age(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return [{"id": row["id"], "score": float(row["age"]), "status": "ok"} for row in batch]


def test_a_service_that_sets_a_row_without_a_field_aside_passes() -> None:
    assert outcome(absent, case_of(score=demanding)) == "passed"


def test_an_error_where_an_answer_is_promised_is_a_failure_with_its_cause() -> None:
    case = case_of(score=by_age)
    assert outcome(aside, case) == "failed"
    assert any("Error: " in str(item.seen) for item in case.evidence)


def test_an_empty_batch_that_raises_is_an_error_of_the_guard() -> None:
    assert outcome(whole, case_of(score=needs_one)) == "errored"


def test_the_row_that_moved_most_is_named_with_its_values() -> None:
    case = case_of(score=recoded(lambda _: True))
    outcome(company, case)
    row = next(item.row for item in case.evidence if not item.passed)
    assert row.startswith("R00")
    assert " before, " in row


def test_a_service_that_gives_two_answers_to_one_question_proves_nothing() -> None:
    calls = iter(range(1000))

    def noisy(model: dict[str, Any], batch: list[Row]) -> list[Row]:
        shift = (next(calls) * 0.137) % 0.3
        return [{**row, "score": row["score"] and row["score"] * 0.5 + shift} for row in score(model, batch)]

    assert outcome(forms, case_of(score=noisy)) == "unproven"


def test_every_field_is_spoilt_in_every_way() -> None:
    laid = [over for _, batch in unreadable(rows(), FIELDS) for over in batch.values()]
    seen = {(field, str(value)) for over in laid for field, value in over.items()}
    assert len(seen) == len(UNREADABLE) * len(FIELDS)


def test_answers_come_in_the_order_of_the_results_and_the_first_counts() -> None:
    batch = rows()

    def twice(model: dict[str, Any], asked: list[Row]) -> list[Row]:
        found = score(model, asked)
        return [*found, found[0] | {"score": -1.0}]

    def ask(case: Case) -> None:
        answers = SERVICE.answers(case, SERVICE.trained(case, past()), batch)
        case.equal("order", list(answers.values.index), [str(row["id"]) for row in batch])
        case.confirm("the first counts", holds=answers.values.iloc[0] != -1.0)

    assert outcome(ask, case_of(score=twice)) == "passed"
