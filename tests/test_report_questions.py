"""What a report asks next fits what was handed in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from report_samples import concluded
from unfit.assembling import assemble
from unfit.bank import Defect, load_bank
from unfit.examination import Examination
from unfit.grades import BackendUsed, Grade, Outcome
from unfit.submission import Submission

BANK = load_bank(Path(__file__).parents[1])
DEFECTS = [
    pytest.param(defect, id=f"{slug}-{defect.id}")
    for slug in BANK.slugs
    for defect in BANK.exercise(slug).defects
]
# What only somebody has who mended it, or who handed in more than was handed out.
PRESUMED = re.compile(r"\byours?\b|\byou (?:mended|changed|added|built|dropped|replaced)\b", re.IGNORECASE)


def graded(slug: str, outcome: Outcome) -> Grade:
    """A grade whose every check ended alike."""
    exercise = BANK.exercise(slug)
    verdicts = concluded(exercise, lambda _: outcome)
    taken = Submission("ada", exercise.shipped_folder, "0" * 64, 1, 1, {})
    backend = BackendUsed(name="bubblewrap", protected=True)
    return assemble(exercise, taken, Examination(verdicts), seed=1, backend=backend, environment="e" * 64)


@pytest.mark.parametrize("defect", DEFECTS)
def test_no_question_presumes_what_the_submission_lacks(defect: Defect) -> None:
    assert [ask for ask in defect.asks_not_mended if PRESUMED.search(ask)] == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_asked_about_where_it_was_mended_and_where_it_was_not(defect: Defect) -> None:
    assert defect.asks_mended
    assert len(defect.asks_not_mended) > 1


def test_who_mended_the_watch_is_asked_about_it() -> None:
    watch = next(
        item for item in graded("flight_delays", Outcome.PASSED).defects if item.id == "nobody-watches"
    )
    assert watch.asks == BANK.exercise("flight_delays").defect("nobody-watches").asks_mended


def test_who_has_no_watch_is_asked_about_its_absence() -> None:
    watch = next(
        item for item in graded("flight_delays", Outcome.FAILED).defects if item.id == "nobody-watches"
    )
    assert watch.asks == BANK.exercise("flight_delays").defect("nobody-watches").asks_not_mended
