"""Experiments on an upstream tell a service that does without it from those that break plainly or narrowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from miniature import SERVICE, case_of, one, outcome, past, rows, train
from unfit.case import Case
from unfit.experiments import Row, answered_without, normal_again

MODEL = train(past())
Score = Callable[[dict[str, Any], list[Row]], list[Row]]
ERRORS = {"late": TimeoutError("no answer"), "gone": ConnectionError("reset")}
DOWN = {
    "the east is late": {"east": "late"},
    "the east is gone": {"east": "gone"},
    "both fail": {"east": "gone", "west": "late"},
}


def without(case: Case) -> None:
    failing = {
        label: ({**MODEL, "down": down}, [row["id"] for row in rows() if row["ward"] in down])
        for label, down in DOWN.items()
    }
    answered_without(case, SERVICE, MODEL, rows(), failing, status="partly")


def recovery(case: Case) -> None:
    normal_again(case, SERVICE, (MODEL, MODEL), rows(), [{**MODEL, "down": down} for down in DOWN.values()])


def weight_of(model: dict[str, Any], row: Row) -> Any:
    """Ask a ward for a weight, as an upstream would be asked."""
    if row["ward"] in model.get("down", {}):
        raise ERRORS[model["down"][row["ward"]]]
    return row["weight"]


def partly(model: dict[str, Any], row: Row) -> Row:
    return {**one(model, {**row, "weight": None}), "status": "partly"}


def careful(
    model: dict[str, Any], batch: list[Row], errors: Any = (TimeoutError, ConnectionError)
) -> list[Row]:
    answers = []
    for row in batch:
        try:
            answers.append(one(model, {**row, "weight": weight_of(model, row)}))
        except errors:
            answers.append(partly(model, row))
    return answers


def careless(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return [one(model, {**row, "weight": weight_of(model, row)}) for row in batch]


def all_or_none(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    answers = careful(model, batch)
    failed = any(row["status"] == "partly" for row in answers)
    return [partly(model, row) for row in batch] if failed else answers


def no_more(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    """Ask nobody after the first failure."""
    answers = careful(model, batch)
    first = next((at for at, row in enumerate(answers) if row["status"] == "partly"), len(batch))
    return [*answers[:first], *(partly(model, row) for row in batch[first:])]


def lasting() -> Score:
    """Give a ward up for good once it has failed."""
    given_up: set[str] = set()

    def answer(model: dict[str, Any], batch: list[Row]) -> list[Row]:
        given_up.update(model.get("down", {}))
        return [partly(model, row) if row["ward"] in given_up else one(model, row) for row in batch]

    return answer


def changed(change: Callable[[Row], Row | None]) -> Score:
    """Change what the careful service says of those that it answers on the rest."""

    def answer(model: dict[str, Any], batch: list[Row]) -> list[Row]:
        told = [change(row) if row["status"] == "partly" else row for row in careful(model, batch)]
        return [row for row in told if row is not None]

    return answer


@pytest.mark.parametrize("experiment", [without, recovery])
def test_a_service_that_does_without_passes(experiment: Callable[[Case], None]) -> None:
    assert outcome(experiment, case_of(score=careful)) == "passed"


@pytest.mark.parametrize(
    ("experiment", "broken"),
    [
        (without, careless),
        (without, all_or_none),
        (without, changed(lambda row: {**row, "status": "ok"})),
        (without, changed(lambda row: {**row, "score": None})),
        (without, changed(lambda _: None)),
        (recovery, careless),
        (recovery, lasting()),
    ],
)
def test_a_service_that_breaks_the_rule_plainly_fails(
    experiment: Callable[[Case], None], broken: Score
) -> None:
    assert outcome(experiment, case_of(score=broken)) == "failed"


@pytest.mark.parametrize(
    "narrow",
    [
        lambda model, batch: careful(model, batch, TimeoutError),
        lambda model, batch: careful(model, batch, ConnectionError),
        no_more,
        lambda model, batch: (
            careful(model, batch) if len(model.get("down", {})) < 2 else careless(model, batch)
        ),
    ],
)
def test_a_service_that_breaks_the_rule_narrowly_fails(narrow: Score) -> None:
    assert outcome(without, case_of(score=narrow)) == "failed"


def test_answers_in_another_order_are_another_rules_affair() -> None:
    backwards = lambda model, batch: careful(model, batch)[::-1]  # noqa: E731
    assert outcome(without, case_of(score=backwards)) == "passed"


def test_an_error_is_a_failure_with_its_cause() -> None:
    case = case_of(score=careless)
    outcome(without, case)
    assert "TimeoutError: no answer" in str(case.evidence[-1].seen)
