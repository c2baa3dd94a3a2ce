"""The workers of a cluster see what this machine would have seen, and what they saw is kept here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fake_sandbox import Fake
from unfit.errors import UnfitError, UsageError
from unfit.validate import ValidationJob, ValidationProgress, plan, run
from unfit.validate.examining import examinations
from validate_samples import ENVIRONMENT, spoiled

distributed = pytest.importorskip("distributed")

pytestmark = [pytest.mark.processes, pytest.mark.filterwarnings("ignore")]
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two workers on this machine, each a process with one thread, and a home of their own."""
    quiet = {"dashboard_address": None, "silence_logs": 50, "host": "127.0.0.1"}
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNFIT_HOME", str(tmp_path_factory.mktemp("home")))
        warnings.simplefilter("ignore")  # Dask warns of whatever is slow on a machine that is busy
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as local:
            yield str(local.scheduler_address)


def test_workers_of_a_cluster_see_what_this_machine_sees_and_it_is_kept(cluster: str, tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    trees = plan(exercise)
    told: list[ValidationProgress] = []
    there = run(
        ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path / "kept"),
        trees,
        SEEDS,
        cluster=cluster,
        watch=told.append,
    )
    here = run(ValidationJob(exercise, Fake(), ENVIRONMENT), trees, SEEDS, workers=1)
    assert [(one.tree, one.seed, one.verdicts, one.losses) for one in there] == [
        (one.tree, one.seed, one.verdicts, one.losses) for one in here
    ]
    assert (told[-1].done, told[-1].total) == (22, 22)
    again = run(ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path / "kept"), trees, SEEDS, workers=1)
    assert all(one.kept for one in again)


def test_it_stops_there_as_well_once_there_is_enough(cluster: str, tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    seen = run(
        ValidationJob(exercise, Fake(), ENVIRONMENT),
        plan(exercise),
        SEEDS,
        cluster=cluster,
        enough=lambda _: True,
    )
    assert len(seen) == 1


def test_workers_with_another_bank_are_refused(cluster: str, tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    assert exercise.digest
    (exercise.solution / "GUIDE.md").write_text("# Another guide\n")
    with pytest.raises(UnfitError, match="has another lemonade in"):
        run(ValidationJob(exercise, Fake(), ENVIRONMENT), plan(exercise), SEEDS, cluster=cluster)


def test_workers_with_another_environment_are_refused(cluster: str, tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    missing = replace(ENVIRONMENT, python=tmp_path / "nowhere" / "python")
    with pytest.raises(UnfitError, match="environment"):
        run(ValidationJob(exercise, Fake(), missing), plan(exercise)[:1], SEEDS, cluster=cluster)


def test_an_address_where_nobody_answers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(distributed, "Client", refused)
    exercise = spoiled(tmp_path)
    with pytest.raises(UsageError, match="no scheduler answers there: connection refused"):
        run(
            ValidationJob(exercise, Fake(), ENVIRONMENT),
            plan(exercise)[:1],
            SEEDS,
            cluster="tcp://127.0.0.1:1",
        )


def test_what_a_measured_tree_costs_outlasts_a_twin_that_is_not_measured(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    job = ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path / "kept")
    ledger, tree = job.ledger(), plan(exercise)[0]
    assert ledger
    (found,) = (kept for _, kept in examinations(job, tree, [1]))
    assert found.measured
    twin = found.model_copy(update={"measured": None})
    ledger.put(tree, 1, job.checks(), twin, known=ledger.get(tree, 1))
    assert ledger.get(tree, 1).measured == found.measured
