"""Experiments on the watch, and the odds that they keep."""

from __future__ import annotations

import numpy as np
import pytest

from miniature import case_of, outcome
from unfit.case import Case
from unfit.errors import CheckError
from unfit.experiments import Alert, Rates, notices, stays_quiet

CHANGES = {"older": ("age", 1), "lighter": ("weight", 2)}


def watch(batch: int) -> list[Alert]:
    return [Alert("age")] if batch == 1 else [Alert("weight")] if batch == 2 else []


def test_a_watch_that_names_what_changed_passes() -> None:
    assert outcome(lambda case: notices(case, watch, CHANGES, ordinary=[0, 0]), case_of()) == "passed"


@pytest.mark.parametrize(
    "ask",
    [
        lambda batch: [],
        lambda batch: [Alert("age", page=False), Alert("weight", page=False)],
        lambda batch: [Alert("age"), Alert("weight")],
        lambda batch: watch(batch) if batch == 1 else [],
        lambda batch: [Alert("weight")] if batch == 1 else watch(batch),
    ],
)
def test_a_watch_that_is_blind_or_names_everything_fails(ask: object) -> None:
    assert outcome(lambda case: notices(case, ask, CHANGES, ordinary=[0, 0]), case_of()) == "failed"  # type: ignore[arg-type]


def test_ten_alerts_for_one_field_are_too_many() -> None:
    loud = lambda batch: watch(batch) * 10  # noqa: E731
    assert outcome(lambda case: notices(case, loud, CHANGES, most=3), case_of()) == "failed"


def days(n: int, rate: float, seed: int = 4) -> list[bool]:
    return list(np.random.default_rng(seed).random(n) < rate)


def test_a_quiet_watch_passes_and_is_asked_no_more_than_needed() -> None:
    days, case = iter([False] * 400), case_of()
    assert outcome(lambda case: stays_quiet(case, days), case) == "passed"
    assert 300 < len(list(days)) < 350


@pytest.mark.parametrize("rate", [0.3, 0.15, 0.1])
def test_a_watch_that_is_loud_fails(rate: float) -> None:
    assert outcome(lambda case: stays_quiet(case, days(400, rate)), case_of()) == "failed"


def test_a_watch_that_is_loud_on_small_days_only_fails_where_each_kind_is_counted() -> None:
    def watched(case: Case) -> None:
        stays_quiet(case, days(400, 0.0), what="large days")
        stays_quiet(case, days(400, 0.15), what="small days")

    assert outcome(watched, case_of()) == "failed"


def test_too_few_days_are_refused() -> None:
    with pytest.raises(CheckError, match="20 ordinary days tell nothing yet"):
        stays_quiet(case_of(), days(20, 0.0))


def test_rates_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(CheckError, match=r"do not tell a rate of 0\.01 from one of 0\.02"):
        Rates(promised=0.01, caught=0.02)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
def test_the_rates_are_those_of_a_simulation(rate: float) -> None:
    rates, rng = Rates(promised=0.01, caught=0.1), np.random.default_rng(0)
    passed = []
    for _ in range(2000):
        hits = np.cumsum(rng.random(400) < rate)
        ends = (rates.settled(draws=at + 1, hits=int(hit)) for at, hit in enumerate(hits))
        passed.append(next(end for end in ends if end is not None))
    assert np.mean(passed) == pytest.approx(rates.passes(rate), abs=0.04)
