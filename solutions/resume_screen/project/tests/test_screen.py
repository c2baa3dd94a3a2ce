"""What the readers and the council rely on, tried on the project's own data."""

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from screen.features import build
from screen.model import fit, train
from screen.score import score

ROOT = Path(__file__).parents[1]
PROBE = """
import json
lines = by_gender(held_out)
print(json.dumps({
    "report": {name: float(figure) for name, figure in report.items()},
    "held_out": len(held_out),
    "shortlisted": int(held_out["shortlisted"].sum()),
    "groups": list(lines["group"]),
    "ordered": bool((lines["low"] <= lines["share"]).all() and (lines["share"] <= lines["high"]).all()),
}))
"""


@pytest.fixture(scope="module")
def applications():
    return pd.read_csv(ROOT / "data" / "applications.csv")


@pytest.fixture(scope="module")
def model(applications, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(applications, folder)
    return folder


@pytest.fixture
def new_round():
    return json.loads((ROOT / "data" / "round.json").read_text())


@pytest.fixture(scope="module")
def seen():
    """Run the notebook in a fresh kernel, top to bottom, and hand back what it defined."""
    notebook = nbformat.read(ROOT / "notebooks" / "report.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    return json.loads(notebook.cells[-1].outputs[0]["text"])


def test_features_lie_between_zero_and_one(applications):
    features = build(applications, fit(applications).terms)
    assert features.min() >= 0
    assert features.max() <= 1


def test_years_count_up_to_fifteen(applications):
    one = applications.head(1)
    assert (build(one.assign(years=15), []) == build(one.assign(years=33), [])).all()


def test_results_come_in_the_order_of_the_round(model, new_round):
    asked = [application["application_id"] for application in new_round]
    assert [result["application_id"] for result in score(model, new_round)] == asked


def test_the_highest_fifth_is_shortlisted(model, new_round):
    results = score(model, new_round)
    best = max(results, key=lambda result: result["score"])
    assert best["shortlisted"]
    assert sum(result["shortlisted"] for result in results) == 2


def test_an_application_that_cannot_be_read_is_held(model, new_round):
    new_round[0]["years"] = "since 2009"
    first, *others = score(model, new_round)
    assert (first["score"], first["status"]) == (None, "held")
    assert {result["status"] for result in others} == {"ok"}


def test_a_better_test_gives_a_higher_score(model, new_round):
    poor, good = score(model, [new_round[0] | {"test": test} for test in (20, 95)])
    assert poor["score"] < good["score"]


def test_an_empty_round_gets_no_results(model):
    assert score(model, []) == []


def test_the_scores_tell_the_qualified_apart(seen):
    assert seen["report"]["ranking"] > 0.5


def test_a_fifth_of_the_last_round_is_shortlisted(seen):
    assert seen["shortlisted"] == round(0.2 * seen["held_out"])


def test_there_is_a_line_for_everyone(seen):
    assert "everyone" in seen["groups"]


def test_shares_lie_in_their_intervals(seen):
    assert seen["ordered"]
