"""`hospital_triage`: its world is what the data card says, and its checks judge rightly."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world
from unfit.corpus import lay, sample
from unfit.examination import examine
from unfit.grades import DefectStatus, Outcome, status_of
from unfit.planting import write_tree
from unfit.sandbox import Bubblewrap, Environment

REPOSITORY = Path(__file__).parent.parent
SLUG = "hospital_triage"
Statuses = dict[str, DefectStatus]


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
SITES: pd.DataFrame = world.practices(seed=5)


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def environment(exercise: Exercise) -> Environment:
    return Environment(Path(sys.executable), "test", exercise.manifest.environment.packages)


def statuses(
    exercise: Exercise, environment: Environment, tree: dict[str, bytes], folder: Path
) -> tuple[Statuses, list[str]]:
    """Grade a tree; each defect's status, and the guards and decoys that did not pass."""
    write_tree(tree, folder)
    with Bubblewrap().open(folder, environment, paths=exercise.manifest.contract.paths) as worker:
        verdicts = examine(exercise, worker, seed=11).verdicts
    found = {
        defect.id: status_of(tuple(verdicts[name] for name in defect.checks)) for defect in exercise.defects
    }
    owned = {name for defect in exercise.defects for name in defect.checks}
    broken = [
        name
        for name, verdict in verdicts.items()
        if name not in owned and verdict.outcome is not Outcome.PASSED
    ]
    return found, broken


def clean(referrals: pd.DataFrame) -> pd.DataFrame:
    return referrals[list(world.MEASURED)].replace(world.NOT_MEASURED, np.nan)


# The world


def test_a_history_too_short_for_both_outcomes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        world.history(10, seed=5, sites=SITES)


@pytest.mark.parametrize("column", list(world.RANGES))
def test_measurements_stay_within_the_data_card(column: str) -> None:
    values = clean(world.history(2000, seed=5, sites=SITES))[column].dropna()
    assert values.between(*world.RANGES[column]).all()


def test_referrals_of_one_patient_share_their_outcome() -> None:
    table = world.history(1000, seed=5, sites=SITES)
    assert table.groupby("patient_id")["cancer"].nunique().max() == 1


def test_one_referral_in_three_is_not_the_patients_only_one() -> None:
    table = world.history(4000, seed=5, sites=SITES)
    assert 0.25 < table["patient_id"].duplicated().mean() < 0.45


def test_some_patients_change_their_practice() -> None:
    table = world.history(1000, seed=5, sites=SITES)
    assert table.groupby("patient_id")["site_id"].nunique().max() > 1


def test_some_practices_are_not_on_the_register() -> None:
    listed = world.history(4000, seed=5, sites=SITES)["site_id"].isin(SITES["site_id"])
    assert 0.02 < 1 - listed.mean() < 0.06


def test_the_hospital_of_the_history_tells_the_outcome() -> None:
    table = world.history(2000, seed=5, sites=SITES)
    treated = table["hospital"].isin(world.CANCER_CENTRES)
    assert (treated == (table["cancer"] == 1)).mean() > 0.95


def test_nobody_has_a_hospital_on_the_day_of_referral() -> None:
    assert world.arrivals(100, seed=5, sites=SITES)["hospital"].isna().all()


def test_new_patients_are_referred_once() -> None:
    assert world.arrivals(500, seed=5, sites=SITES)["patient_id"].is_unique


def test_which_laboratory_values_are_missing_says_nothing() -> None:
    table = world.history(8000, seed=5, sites=SITES)
    share = clean(table)["marker"].isna().groupby(table["cancer"]).mean()
    assert abs(share[1] - share[0]) < 0.03


def test_a_record_holds_no_outcome() -> None:
    (record,) = world.records(world.arrivals(1, seed=5, sites=SITES))
    assert "cancer" not in record


def test_an_empty_field_of_a_record_is_none() -> None:
    rows = world.records(world.arrivals(300, seed=5, sites=SITES))
    assert {type(row["marker"]) for row in rows} == {float, type(None)}


def test_practices_that_moved_stand_on_the_register_twice() -> None:
    assert SITES["site_id"].duplicated().sum() == 6


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert world.auc(np.array([1, 0, 1]), np.array([0.5, 0.5, 0.9])) == 0.75


def test_a_cancer_without_an_early_place_is_delayed() -> None:
    cancer, scores = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.8, 0.1, 0.1, 0.1])
    assert world.delayed(cancer, scores, np.zeros(5, dtype=bool)) == 200.0


def test_a_nurse_sees_three_cancers_in_four() -> None:
    cancer = np.ones(100)
    assert world.delayed(cancer, np.full(100, np.nan), np.ones(100, dtype=bool)) == 250.0


def test_a_referral_that_did_not_come_back_waits() -> None:
    cancer, scores = np.array([1, 0, 0, 0, 0]), np.array([np.nan, 0.2, 0.1, 0.1, 0.1])
    assert world.delayed(cancer, scores, np.zeros(5, dtype=bool)) == 200.0


# The grading


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_sample_mends_what_it_says(exercise: Exercise, environment: Environment, tmp_path: Path) -> None:
    folder = sample(exercise)
    assert folder is not None
    found, _ = statuses(exercise, environment, lay(exercise, folder), tmp_path)
    mended = {name for name in exercise.default if found[name] is DefectStatus.MENDED}
    assert mended == {"this-week-as-unknown", "gaps-filled-from-the-batch", "a-page-for-each-test"}
