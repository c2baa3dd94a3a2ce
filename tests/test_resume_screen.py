"""`resume_screen`: its world is what the data card says, and its checks judge rightly."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world
from unfit.corpus import lay
from unfit.examination import examine
from unfit.grades import DefectStatus, status_of
from unfit.planting import plant, write_tree
from unfit.sandbox import Bubblewrap, Environment

REPOSITORY = Path(__file__).parent.parent
SLUG = "resume_screen"
NOTEBOOK = "notebooks/report.ipynb"


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
jupyter: Any = nbformat  # it carries no types
PEOPLE: pd.DataFrame = world.applicants(4000, seed=5)
PAST: pd.DataFrame = world.history(3000, seed=5)


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def environment(exercise: Exercise) -> Environment:
    return Environment(Path(sys.executable), "test", exercise.manifest.environment.packages)


def mended(exercise: Exercise, environment: Environment, tree: dict[str, bytes], folder: Path) -> set[str]:
    """Grade a tree; the defects that come out mended."""
    write_tree(tree, folder)
    with Bubblewrap().open(folder, environment, paths=exercise.manifest.contract.paths) as worker:
        verdicts = examine(exercise, worker, seed=11).verdicts
    return {
        defect.id
        for defect in exercise.defects
        if defect.checks and status_of(tuple(verdicts[name] for name in defect.checks)) is DefectStatus.MENDED
    }


# The world


def test_the_world_finds_women_and_men_equally_qualified() -> None:
    share = PEOPLE.groupby("woman")["qualified"].mean()
    assert abs(share[True] - share[False]) < 0.05


def test_recruiters_did_not() -> None:
    share = PEOPLE.groupby("woman")["invited"].mean()
    assert share[True] < 0.5 * share[False]


def test_the_panel_rates_about_half() -> None:
    assert 0.45 < PEOPLE["panel"].notna().mean() < 0.55


def test_the_panel_mostly_finds_who_is_qualified() -> None:
    rated = PEOPLE.dropna(subset="panel")
    assert (rated["panel"] == rated["qualified"]).mean() > 0.85


def test_two_colleges_take_women_only() -> None:
    assert PEOPLE.loc[PEOPLE["college"].isin(world.WOMENS_COLLEGES), "woman"].all()


def test_nobody_withdrawn_was_invited() -> None:
    assert PAST.loc[PAST["status"] == "withdrawn", "invited"].max() == 0


def test_rounds_are_equal_and_in_order() -> None:
    assert PAST["round"].value_counts().unique().tolist() == [500]
    assert PAST["round"].is_monotonic_increasing


@pytest.mark.parametrize(("column", "low", "high"), [("years", 0, 40), ("test", 0, 100)])
def test_numbers_stay_within_the_data_card(column: str, low: float, high: float) -> None:
    assert PAST[column].dropna().between(low, high).all()


def test_an_application_of_a_new_round_holds_no_decision() -> None:
    (row,) = world.records(world.applicants(1, seed=5))
    assert not {"invited", "panel", "qualified", "woman", "status"}.intersection(row)


def test_an_empty_test_of_a_new_round_is_none() -> None:
    assert {type(row["test"]) for row in world.records(PEOPLE)} == {float, type(None)}


def test_dealing_anew_keeps_what_a_score_may_depend_on() -> None:
    rows = world.records(PEOPLE.head(50))
    kept = ("application_id", "degree", "years", "test", "referred", "skills")
    dealt = world.exchanged(rows, seed=5)
    assert [[row[field] for field in kept] for row in dealt] == [
        [row[field] for field in kept] for row in rows
    ]
    assert sorted(row["name"] for row in dealt) == sorted(row["name"] for row in rows)


def test_the_area_counts_ties_half() -> None:
    assert world.area(np.array([1, 0, 1]), np.array([0.5, 0.5, 0.9])) == 0.75


def test_wilsons_interval_of_eight_in_eight() -> None:
    assert world.wilson(8, 8) == pytest.approx((0.6756, 1.0), abs=1e-3)


def test_the_gap_is_the_lower_share_among_women() -> None:
    people = pd.DataFrame({"qualified": [1, 1, 1, 1, 0], "woman": [True, True, False, False, True]})
    assert world.gap(people, np.array([True, False, True, True, True])) == 0.5


def test_the_gap_is_fairlearns_difference_of_true_positive_rates() -> None:
    metrics = pytest.importorskip("fairlearn.metrics")
    listed = PEOPLE["test"].fillna(50).rank(pct=True).to_numpy() > 0.8
    theirs = metrics.true_positive_rate_difference(
        PEOPLE["qualified"], listed.astype(int), sensitive_features=PEOPLE["woman"]
    )
    assert theirs == pytest.approx(abs(world.gap(PEOPLE, listed)))


# The project


def test_it_is_handed_out_only_when_asked_for(exercise: Exercise) -> None:
    assert exercise.manifest.opt_in


@pytest.mark.slow
def test_the_fixed_notebook_says_nothing_but_its_figures(exercise: Exercise, tmp_path: Path) -> None:
    write_tree(plant(exercise, ()), tmp_path)
    document = jupyter.read(tmp_path / NOTEBOOK, as_version=4)
    document.cells.append(jupyter.v4.new_code_cell("import json; print(json.dumps(report, default=float))"))
    resources = {"metadata": {"path": str(tmp_path / "notebooks")}}
    NotebookClient(document, timeout=300, resources=resources).execute()
    outputs = [output for cell in document.cells for output in cell.get("outputs", [])]
    (said,) = [output["text"] for output in outputs if output["output_type"] == "stream"]
    assert json.loads(said)["ranking"] > 0.8


# The grading


@pytest.mark.slow
@pytest.mark.sandbox
def test_separate_bars_mend_nothing(exercise: Exercise, environment: Environment, tmp_path: Path) -> None:
    entry = exercise.solution / "corpus" / "wrong" / "bars_by_gender"
    found = mended(exercise, environment, lay(exercise, entry), tmp_path)
    assert found.intersection(exercise.default) == set()
