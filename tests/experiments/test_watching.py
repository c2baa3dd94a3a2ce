"""Experiments on the watch, and the odds that they keep."""

from __future__ import annotations

import numpy as np
import pytest

from miniature import case_of, outcome
from unfit.errors import CheckError
from unfit.experiments import Alert, notices, odds, stays_quiet

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


def test_a_quiet_watch_passes() -> None:
    assert outcome(lambda case: stays_quiet(case, {"days": days(200, 0.01)}), case_of()) == "passed"


@pytest.mark.parametrize(
    "woken",
    [
        {"days": days(200, 0.3)},
        {"small days": days(100, 0.25), "large days": days(100, 0.0)},
        {"small days": days(160, 0.0), "large days": days(40, 0.4)},
    ],
)
def test_a_watch_that_is_loud_fails(woken: dict[str, list[bool]]) -> None:
    assert outcome(lambda case: stays_quiet(case, woken), case_of()) == "failed"


def test_too_few_days_are_refused_with_the_number_that_is_enough() -> None:
    with pytest.raises(CheckError, match="40 draws do not tell") as refused:
        stays_quiet(case_of(), {"days": days(40, 0.0)})
    assert "draw " in str(refused.value.fix)


def test_the_odds_are_those_of_a_simulation() -> None:
    told = odds(200, promised=0.01, caught=0.1)
    counts = np.random.default_rng(0).binomial(200, [[0.01], [0.1]], (2, 100_000))
    seen = (counts[0] > told.limit).mean(), (counts[1] <= told.limit).mean()
    assert seen == pytest.approx((told.rejected, told.accepted), abs=1e-3)
