"""An experiment on limits tells a watch that pages at a number from those that page beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from miniature import case_of, outcome
from unfit.case import Case
from unfit.experiments import Alert, wakes_exactly

Watch = Callable[[Sequence[float]], list[Alert]]
SITUATIONS: dict[str, tuple[list[float], list[str]]] = {
    "three in ten hours off": ([0.0] * 7 + [99.0] * 3, ["error"]),
    "either way": ([30.0, -30.0] * 5, ["error"]),
    "nine of them": ([30.0] * 9, []),
    "as ever": ([4.0, -4.0] * 5, []),
}


def watched(watch: Watch) -> str:
    def experiment(case: Case) -> None:
        wakes_exactly(case, watch, SITUATIONS)

    return outcome(experiment, case_of())


def right(missed: Sequence[float]) -> list[Alert]:
    return [Alert("error")] if len(missed) >= 10 and np.mean(np.abs(missed)) > 20 else []


def test_a_watch_that_pages_at_the_number_passes() -> None:
    assert watched(right) == "passed"


@pytest.mark.parametrize(
    "watch",
    [
        lambda missed: [],
        lambda missed: [Alert("error")],
        lambda missed: [Alert("error", page=False)] if right(missed) else [],
        lambda missed: [Alert("score")] if right(missed) else [],
        lambda missed: [*right(missed), Alert("score")],
    ],
)
def test_a_watch_that_is_blind_or_loud_fails(watch: Watch) -> None:
    assert watched(watch) == "failed"


@pytest.mark.parametrize(
    "watch",
    [
        lambda missed: [Alert("error")] if len(missed) > 10 and right(missed) else [],
        lambda missed: [Alert("error")] if np.mean(np.abs(missed)) > 20 else [],
        lambda missed: [Alert("error")] if len(missed) >= 10 and abs(np.mean(missed)) > 20 else [],
        lambda missed: [Alert("error")] if len(missed) >= 10 and np.median(np.abs(missed)) > 20 else [],
    ],
)
def test_a_watch_that_is_off_by_one_or_sums_otherwise_fails(watch: Watch) -> None:
    assert watched(watch) == "failed"


def test_an_alert_that_wakes_nobody_does_not_count() -> None:
    quiet = lambda missed: [*right(missed), Alert("score", page=False)]  # noqa: E731
    assert watched(quiet) == "passed"
