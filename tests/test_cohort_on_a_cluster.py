"""A cluster grades what this machine would have graded, and loses nothing when a worker dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cohort_samples import FORECAST, TEA, Here, graded, hand_in, mixed, pseudonyms, tea
from unfit.bank import load_bank
from unfit.cohort import CohortProgress, key_of, side_by_side
from unfit.environment import find
from unfit.errors import UnfitError, UsageError
from unfit.sandbox import Bubblewrap

pytest.importorskip("distributed")

pytestmark = pytest.mark.slow
QUIET = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """Start a scheduler on loopback; its address."""
    place = folder / "scheduler.json"
    command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
    with started(*command, "--scheduler-file", str(place)):
        patience = time.monotonic() + 120
        while not place.exists() or not place.read_text().strip():
            assert time.monotonic() < patience, "the scheduler does not start"
            time.sleep(0.1)
        yield str(json.loads(place.read_text())["address"])


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=QUIET,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def worker(address: str, *more: str) -> Any:
    return started("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", *more)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scheduler(tmp_path_factory.mktemp("dask")) as found:
        yield found


def wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=180)


def contents(out: Path) -> dict[str, Any]:
    """Read everything that a cohort wrote, without timings and host names."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*.json")):
        plain = json.loads(path.read_text())
        for name in ("timings", "processor_seconds", "wall_seconds", "host"):
            plain.pop(name, None)
        found[path.relative_to(out).as_posix()] = plain
    for name in ("feedback.html", "summary.md"):
        found |= {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob(name)}
    rows = (out / "cohort.csv").read_text().splitlines()
    at = rows[0].split(",").index("processor_seconds")
    found["cohort.csv"] = [[cell for n, cell in enumerate(row.split(",")) if n != at] for row in rows]
    return found


@pytest.mark.sandbox
def test_a_killed_worker_changes_no_grade(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = {"backend": Bubblewrap(), "environment": find(TEA, packages=tea().manifest.environment.packages)}
    source = mixed(tmp_path / "in")
    for number in range(14):
        hand_in(source, **{f"s{number:02}": tea().project if number % 2 else tea().shipped_folder})
    there, here = tmp_path / "there", tmp_path / "here"
    told: list[str] = []
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(address)) for _ in range(3)]
        wait_for(address, 3)

        def kill(step: CohortProgress) -> None:
            told.append(step.done.ending.pseudonym)
            if step.count == 5:
                os.kill(workers[0].pid, signal.SIGKILL)

        graded(source, there, cluster=address, watch=kill, **real)
        assert workers[0].poll() is not None
    assert sorted(told) == sorted(pseudonyms(there).values())

    monkeypatch.setattr(side_by_side, "pool", Here)
    key_of(here).write_bytes(key_of(there).read_bytes())
    graded(source, here, **real)
    assert contents(there) == contents(here)


def test_what_is_graded_is_not_sent_again_and_a_lost_submission_ends_no_other(
    address: str, tmp_path: Path
) -> None:
    hand_in(tmp_path / "in", ada=tea().project, ben=tea().shipped_folder)
    (tmp_path / "in" / "ben" / FORECAST).write_text("import os\nos._exit(3)\n")
    out = tmp_path / "out"
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(worker(address))
        wait_for(address, 5)
        first = graded(tmp_path / "in", out, cluster=address)
        assert (first.count("graded"), first.count("failed")) == (1, 1)
        named = pseudonyms(out)["ben"]
        ending = json.loads((out / "grades" / named / "ending.json").read_text())
        assert ending["cause"] == "every worker that graded it died"
        (tmp_path / "in" / "ben" / FORECAST).write_bytes((tea().shipped_folder / FORECAST).read_bytes())
        with worker(address):
            wait_for(address, 1)
            second = graded(tmp_path / "in", out, cluster=address)
        assert (second.kept, second.count("graded")) == (1, 2)


def test_workers_that_would_judge_otherwise_are_refused(address: str, tmp_path: Path) -> None:
    bank = hand_in(tmp_path / "bank", solutions=TEA / "solutions", exercises=TEA / "exercises")
    checks = bank / "solutions" / "tea_shop" / "checks.py"
    other = load_bank(bank).exercise("tea_shop")
    assert other.digest
    checks.write_text(checks.read_text() + "\n# another\n")  # after it was read here
    with worker(address):
        wait_for(address, 1)
        with pytest.raises(UnfitError, match="has another tea_shop in"):
            graded(mixed(tmp_path / "in"), tmp_path / "out", cluster=address, exercise=other)
    with started("worker", address, "--nthreads", "2", "--no-nanny", "--no-dashboard"):
        wait_for(address, 1)
        with pytest.raises(UnfitError, match="has 2 threads"):
            graded(tmp_path / "in", tmp_path / "out2", cluster=address)


def test_where_no_scheduler_answers_the_command_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no scheduler answers"):
        graded(mixed(tmp_path / "in"), tmp_path / "out", cluster="tcp://127.0.0.1:9")


def test_a_cluster_without_workers_is_refused(tmp_path: Path) -> None:
    with scheduler(tmp_path) as empty, pytest.raises(UnfitError, match="has no workers"):
        graded(mixed(tmp_path / "in"), tmp_path / "out", cluster=empty)
