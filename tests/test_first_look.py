"""`first_look`: its world is what the data card says, it stays small, and its checks judge rightly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.bank.world_loading import load_world
from unfit.corpus import lay, sample
from unfit.examination import Examination, examine
from unfit.grades import DefectStatus, Finding, Outcome, status_of
from unfit.planting import Variant, write_tree
from unfit.review import review_of
from unfit.sandbox import Bubblewrap, Environment
from unfit.validate.size_budget import over_budget, sizes

REPOSITORY = Path(__file__).parent.parent
SLUG = "first_look"
FIGURE, UNKNOWN, FORMS = "figure-from-training-rows", "half-an-hour-for-the-unknown", "forms-not-checked"


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def environment(exercise: Exercise) -> Environment:
    return Environment(Path(sys.executable), "test", exercise.manifest.environment.packages)


@pytest.fixture(scope="module")
def submitted(exercise: Exercise, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample submission, laid out."""
    folder, place = sample(exercise), tmp_path_factory.mktemp("sample")
    assert folder is not None
    write_tree(lay(exercise, folder), place)
    return place


@pytest.fixture(scope="module")
def findings(exercise: Exercise, submitted: Path) -> tuple[Finding, ...]:
    found = review_of(Variant.of(exercise), read_tree(submitted)).findings
    assert found is not None
    return found


def examined(exercise: Exercise, environment: Environment, folder: Path) -> Examination:
    with Bubblewrap().open(folder, environment, paths=exercise.manifest.contract.paths) as worker:
        return examine(exercise, worker, seed=11)


def mended(exercise: Exercise, seen: Examination) -> set[str]:
    return {
        defect.id
        for defect in exercise.defects
        if status_of(tuple(seen.verdicts[name] for name in defect.checks)) is DefectStatus.MENDED
    }


def broken(exercise: Exercise, seen: Examination) -> list[str]:
    """Guards and decoys' checks that did not pass."""
    owned = {name for defect in exercise.defects for name in defect.checks}
    return [
        name
        for name, verdict in seen.verdicts.items()
        if name not in owned and verdict.outcome is not Outcome.PASSED
    ]


# The world


def test_a_book_too_short_for_six_months_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 60"):
        world.visits(10, seed=5)


@pytest.mark.parametrize("column", ["age_years", "weight_kg"])
def test_numbers_stay_within_the_data_card(column: str) -> None:
    assert world.visits(3000, seed=5)[column].between(*world.RANGES[column]).all()


def test_minutes_lie_in_their_range_or_are_nought() -> None:
    minutes = world.visits(3000, seed=5)["minutes"]
    assert (minutes.between(*world.MINUTES) | (minutes == 0)).all()


def test_a_book_without_absent_visitors_has_no_noughts() -> None:
    assert (world.visits(300, seed=5, absent=0.0)["minutes"] > 0).all()


def test_the_months_of_a_book_are_in_order() -> None:
    months = world.visits(300, seed=5)["month"]
    assert months.is_monotonic_increasing
    assert tuple(months.unique()) == world.MONTHS


def test_a_booking_does_not_tell_the_minutes() -> None:
    (booking,) = world.bookings(world.things(1, seed=5))
    assert set(booking) == {"booking_id", "kind", "age_years", "weight_kg"}


def test_ordinary_days_hold_strange_things_and_slips() -> None:
    forms = [form for day, _ in world.ordinary_days(40, seed=5) for form in day]
    assert any(form["kind"] in world.STRANGERS for form in forms)
    assert any(form["age_years"] == "about ten" for form in forms)


def test_a_visitor_without_a_quote_costs_a_telephone_call() -> None:
    quotes = [{"minutes": 30.0}, {"minutes": None}]
    assert world.lost(quotes, np.array([40.0, 100.0])) == 10.0 + world.PHONE_CALL


# The project


def test_it_fits_a_quarter_of_an_hour(exercise: Exercise) -> None:
    assert sizes(exercise)["source lines"] <= 90
    assert list(over_budget(exercise)) == []


# The sample review


def test_the_sample_review_finds_every_defect(findings: tuple[Finding, ...]) -> None:
    assert {defect for finding in findings for defect in finding.defects} == {FIGURE, UNKNOWN, FORMS}


def test_the_sample_review_says_why_the_forms_were_put_off(findings: tuple[Finding, ...]) -> None:
    (finding,) = [finding for finding in findings if FORMS in finding.defects]
    assert finding.put_off


def test_the_sample_review_cries_no_wolf(findings: tuple[Finding, ...]) -> None:
    assert [finding.title for finding in findings if finding.match == "unfounded"] == []


def test_the_sample_review_finds_one_thing_that_nobody_planted(findings: tuple[Finding, ...]) -> None:
    assert [finding.category for finding in findings if finding.match == "unmatched"] == ["monitoring"]


# The grading


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_sample_mends_two_and_breaks_no_guard(
    exercise: Exercise, environment: Environment, submitted: Path
) -> None:
    seen = examined(exercise, environment, submitted)
    assert (mended(exercise, seen), broken(exercise, seen)) == ({FIGURE, UNKNOWN}, [])
