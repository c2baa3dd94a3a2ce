"""`churn_notebook`: its world is what the data card says, and its checks judge rightly."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world
from unfit.planting import plant, write_tree
from unfit.sandbox import Bubblewrap, Environment, Notebook, Worker

REPOSITORY = Path(__file__).parent.parent
SLUG = "churn_notebook"
NOTEBOOK = "notebooks/churn.ipynb"


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
jupyter: Any = nbformat  # it carries no types


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def environment(exercise: Exercise) -> Environment:
    return Environment(Path(sys.executable), "test", exercise.manifest.environment.packages)


@pytest.fixture(scope="module")
def fixed(exercise: Exercise, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fixed")
    write_tree(plant(exercise, ()), folder)
    return folder


@pytest.fixture
def worker(fixed: Path, environment: Environment) -> Iterator[Worker]:
    with Bubblewrap().open(fixed, environment) as opened:
        yield opened


def opened(project: Path) -> Any:
    return jupyter.read(project / NOTEBOOK, as_version=4)


def reported(worker: Worker, *, kernel: bool) -> dict[str, Any]:
    session, reply = worker.notebook(Notebook(NOTEBOOK, kernel=kernel))
    with session:
        assert reply.fault is None
        report: dict[str, Any] = session.value("report").value
        return report


def test_one_customer_in_twenty_leaves() -> None:
    _, chance = world.customers_and_chance(2000, seed=5)
    assert abs(chance.mean() - 0.05) < 1e-6


def test_every_customer_is_drawn_once() -> None:
    assert world.customers(3000, seed=5)["customer_id"].is_unique


def test_what_the_depot_knows_stays_within_the_data_card() -> None:
    table = world.customers(3000, seed=5).replace({"days_since_login": {-1: 365}})
    outside = [name for name, edges in world.EDGES.items() if not table[name].between(*edges).all()]
    assert outside == []


def test_the_parts_are_dealt_two_one_two() -> None:
    sizes = world.customers(1000, seed=5)["split"].value_counts().to_dict()
    assert sizes == {"train": 400, "tune": 200, "test": 400}


def test_the_named_household_scores_tell() -> None:
    table = world.customers(6000, seed=5, own=0.0, household=1.5, telling=["hh_03"])
    apart = table.groupby("left")[world.HOUSEHOLD].mean().diff().abs().iloc[-1]
    assert apart.idxmax() == "hh_03"


def test_an_earlier_export_stands_before_the_later_row() -> None:
    table = world.exported_again(world.customers(200, seed=5), 0.2, seed=5)
    assert len(table) == 240
    assert table["exported_on"].is_monotonic_increasing


def test_a_customer_exported_again_differs_between_the_rows() -> None:
    table = world.exported_again(world.customers(200, seed=5), 0.2, seed=5)
    assert not table.duplicated().any()


def test_a_voucher_earns_when_its_customer_would_have_left() -> None:
    assert world.gain(np.array([1, 0, 0]), np.array([True, True, False])) == 14.0


@pytest.mark.parametrize(
    ("score", "expected"), [([0.9, 0.8, 0.1], (0.5, 0.5)), ([0.9, 0.5, 0.5], (0.5, 1.0))]
)
def test_ties_at_the_last_place_leave_the_share_open(
    score: list[float], expected: tuple[float, float]
) -> None:
    assert world.share_at_the_top(np.array([1, 0, 1]), np.array(score), 2) == expected


@pytest.mark.slow
def test_the_fixed_notebook_runs_clean_as_jupyter_runs_it(fixed: Path) -> None:
    document = opened(fixed)
    resources = {"metadata": {"path": str(fixed / "notebooks")}}
    NotebookClient(document, timeout=300, resources=resources).execute()
    said = [
        output
        for cell in document.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert said == []


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_real_kernel_reports_what_the_shell_reports(worker: Worker) -> None:
    assert reported(worker, kernel=True) == reported(worker, kernel=False)


@pytest.mark.slow
@pytest.mark.sandbox
def test_jupyter_reports_what_the_grader_saw(fixed: Path, worker: Worker) -> None:
    document = opened(fixed)
    probe = "import json; print(json.dumps({name: report[name] for name in report}, default=float))"
    document.cells.append(jupyter.v4.new_code_cell(probe))
    resources = {"metadata": {"path": str(fixed / "notebooks")}}
    NotebookClient(document, timeout=300, resources=resources).execute()
    assert json.loads(document.cells[-1].outputs[0]["text"]) == reported(worker, kernel=False)
