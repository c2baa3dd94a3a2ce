"""What joins verdicts into a grade: a mistake that was not planted must not be made by whoever mends the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from report_samples import concluded
from unfit.assembling import Background, assemble
from unfit.bank import load_bank
from unfit.examination import Examination
from unfit.grades import Grade, Outcome
from unfit.report import render_reports
from unfit.submission import Submission

BANK = load_bank(Path(__file__).parents[1])
EXERCISE = BANK.exercise("churn_notebook")
APART = next(
    name
    for defect in EXERCISE.defects
    if defect.id not in EXERCISE.default
    for name in defect.checks
    if all(name not in EXERCISE.defect(other).checks for other in EXERCISE.default)
)


DECOY = EXERCISE.decoys[0].check


def graded(outcome: Outcome, *, verified: bool, check: str = APART) -> Grade:
    """Grade the default form, in which one check ends so, and all others pass."""
    verdicts = concluded(EXERCISE, lambda item: outcome if item.name == check else Outcome.PASSED)
    taken = Submission("ada", EXERCISE.shipped_folder, "0" * 64, 1, 1, {})
    return assemble(EXERCISE, taken, Examination(verdicts), Background(verified=verified))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERRORED])
def test_a_mistake_that_was_not_planted_and_was_made_is_a_broken_guard(outcome: Outcome) -> None:
    grade = graded(outcome, verified=True)
    assert [guard.name for guard in grade.guards if guard.outcome is not Outcome.PASSED] == [APART]
    assert "1 guard is broken" in grade.headline
    sentence = next(guard.verdict.sentence for guard in grade.guards if guard.name == APART)
    reports = render_reports(grade)
    for name in ("report.html", "summary.md"):
        assert sentence[:30] in reports[name]


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.UNPROVEN])
def test_a_check_of_what_was_not_planted_is_no_guard_while_it_does_not_fail(outcome: Outcome) -> None:
    assert APART not in {guard.name for guard in graded(outcome, verified=True).guards}


def test_where_nothing_proves_the_form_what_stands_may_have_been_planted_and_breaks_no_guard() -> None:
    grade = graded(Outcome.FAILED, verified=False)
    assert APART not in {guard.name for guard in grade.guards}
    assert "No guard is broken" in grade.headline


@pytest.mark.parametrize("verified", [True, False])
def test_right_code_that_looks_wrong_and_was_made_wrong_is_a_broken_guard(verified: bool) -> None:
    grade = graded(Outcome.FAILED, verified=verified, check=DECOY)
    assert [guard.name for guard in grade.guards if guard.outcome is not Outcome.PASSED] == [DECOY]
    assert "1 guard is broken" in grade.headline
