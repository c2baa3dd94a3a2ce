"""Experiments on services whose answers are lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from miniature import case_of, outcome, past, rows
from unfit.case import Case
from unfit.experiments import Listing, Row, alone_as_in_company, learns_the_same, one_for_one, same_again

SERVICE = Listing(
    key="id",
    answer=lambda case, model, batch: case.call("shop:score", model, batch),
    train=lambda case, data, again=0: case.call("shop:train", data, again),
    value="names",
)
Score = Callable[[Any, list[Row]], list[Row]]


def listed(model: Any, batch: list[Row]) -> list[Row]:
    """Name the two kinds that come after the caller's own."""
    kinds = [*model["kinds"], *model["kinds"]]
    return [
        {"id": row["id"], "names": kinds[kinds.index(row["kind"]) + 1 :][:2], "status": "ok"} for row in batch
    ]


def shared(model: Any, batch: list[Row]) -> list[Row]:
    """Take the names that one caller got from the others' lists."""
    found, first = listed(model, batch), batch[0]["kind"]
    return [{**row, "names": [name for name in row["names"] if name != first]} for row in found]


def whole(case: Case) -> None:
    one_for_one(case, SERVICE, SERVICE.trained(case, past()), rows(), within=None)


def company(case: Case) -> None:
    others = [row | {"id": f"C{at:04d}", "kind": "owl"} for at, row in enumerate(rows())]
    alone_as_in_company(case, SERVICE, SERVICE.trained(case, past()), rows(), {"owls": others})


def again(case: Case) -> None:
    same_again(case, SERVICE, past(), rows())


def learnt(case: Case) -> None:
    learns_the_same(case, SERVICE, past(), {"other wards": past().assign(ward="east")}, rows())


@pytest.mark.parametrize("experiment", [whole, company, again, learnt])
def test_a_service_of_lists_that_keeps_the_rule_passes(experiment: Callable[[Case], None]) -> None:
    assert outcome(experiment, case_of(score=listed)) == "passed"


@pytest.mark.parametrize(
    ("experiment", "broken"),
    [
        (whole, lambda model, batch: listed(model, batch[1:])),
        (company, shared),
        (company, lambda model, batch: [row for row in listed(model, batch) if len(batch) < 20]),
    ],
)
def test_a_service_of_lists_that_breaks_the_rule_fails(
    experiment: Callable[[Case], None], broken: Score
) -> None:
    assert outcome(experiment, case_of(score=broken)) == "failed"


def test_a_list_in_another_order_in_a_second_run_has_moved_and_is_shown() -> None:
    runs = iter(range(10))

    def train(table: Any, run: int = 0) -> dict[str, Any]:
        return {"kinds": ["cat", "dog", "owl"][:: (1, -1)[next(runs) % 2]]}

    case = case_of(score=listed, train=train)
    assert outcome(again, case) == "failed"
    assert "'" in next(item.row for item in case.evidence if not item.passed)
