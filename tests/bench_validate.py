"""What authors wait for: one tree tried, an exercise of six defects proven, and a cluster of two workers.

Run it with ``make bench-validate``. It prints ratios that are measured side by side in one run:

* `unfit try` over the process that makes the same calls bare;
* proving with answers and a sandbox shared between trees over asking each tree anew in a sandbox of its own, as it was
  done before;
* two workers of a cluster over one, by the clock.

The exercise is the package of functions of `tests/adopt`, which is adopted as the documentation says, with the
narrowings that `unfit suggest` writes. Its checks, trees and seeds are the same on both sides of each ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from bench import Recorder
from unfit.bank import Exercise, load_bank
from unfit.environment import find
from unfit.examination import examine
from unfit.planting import write_tree
from unfit.sandbox import Bubblewrap
from unfit.trying import chosen, tree_of
from unfit.validate import ValidationJob, examining, plan, run
from unfit.validate.standing_sandbox import Stand

if TYPE_CHECKING:
    from unfit.sandbox import Worker

SLUG = "shop"
SEEDS = (1,)
SIDES = {"anew": False, "shared": True}


def adopted(folder: Path) -> Exercise:
    """Adopt the project and record six mistakes with their narrowings."""
    from test_adopt_whole import prepared, typed

    with pytest.MonkeyPatch.context() as patch:
        for line, _ in prepared(SLUG, folder, patch):
            if "validate" not in line:
                typed(line)
    return load_bank(folder / "our-bank").exercise(SLUG)


def job_of(exercise: Exercise, cache: Path | None) -> ValidationJob:
    """Describe a validation."""
    place = find(exercise.bank, packages=exercise.manifest.environment.packages)
    return ValidationJob(exercise, Bubblewrap(), place, cache)


def trying(exercise: Exercise, scratch: Path, rounds: int) -> tuple[float, float]:
    """Median processor seconds of trying one defect, and of the process that makes its calls bare."""
    (defect, *_) = exercise.defects
    _, files = tree_of(exercise, plant=[defect.id])
    write_tree(files, scratch / "tree")
    job = job_of(exercise, None)
    with job.backend.open(
        scratch / "tree", job.environment, paths=exercise.manifest.contract.paths
    ) as worker:
        recorder = Recorder(worker)
        asked = chosen(exercise, (), plant=[defect.id])
        examine(exercise, cast("Worker", recorder), seed=SEEDS[0], checks=asked)
    (scratch / "calls").write_bytes(pickle.dumps(recorder.calls))
    bank = ["--bank", str(exercise.bank), "--seed", str(SEEDS[0])]
    whole = [sys.executable, "-m", "unfit", "try", SLUG, "--plant", defect.id, *bank]
    bench = Path(__file__).with_name("bench.py")
    bare = [sys.executable, str(bench), "--bare", str(scratch / "calls"), str(scratch / "tree")]
    spent = [(children(lambda: ran(whole)), children(lambda: ran(bare))) for _ in range(rounds)]
    one, other = np.median(spent, axis=0)
    return float(one), float(other)


def ran(command: list[str]) -> None:
    """Run a command."""
    subprocess.run(command, check=True, capture_output=True)


def children(work: Callable[[], Any]) -> float:
    """Processor seconds that processes below this one take for some work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def proving(bank: Path, scratch: Path) -> dict[str, float]:
    """Seconds by the clock of examining every tree in one process, anew and with what trees can share.

    The kernel bills the processes of calls to nobody, so that processor seconds would leave them out.
    """
    spent = {}
    for side, shared in SIDES.items():
        started = time.monotonic()
        ran([sys.executable, __file__, "--examine", str(bank), str(scratch / "cache") if shared else ""])
        spent[side] = round(time.monotonic() - started, 1)
    return spent


def examined(bank: Path, cache: str) -> None:
    """Examine every tree, in this process."""
    exercise = load_bank(bank).exercise(SLUG)
    if not cache:
        examining.standing = alone  # type: ignore[attr-defined]
    run(job_of(exercise, Path(cache) if cache else None), plan(exercise), SEEDS, workers=1)


@contextmanager
def alone(*about: Any, **scratch: Any) -> Iterator[Stand]:
    """Give a tree a sandbox of its own."""
    stand = Stand(*about, **scratch)
    try:
        yield stand
    finally:
        stand.end()


def clustered(exercise: Exercise, workers: int) -> float:
    """Seconds by the clock in which a cluster examines every tree."""
    import distributed

    quiet: dict[str, Any] = {"dashboard_address": None, "silence_logs": 50, "host": "127.0.0.1"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **quiet) as local:
            started = time.monotonic()
            run(job_of(exercise, None), plan(exercise), SEEDS, cluster=str(local.scheduler_address))
            return time.monotonic() - started


def main() -> None:
    """Measure all three, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["try", "validate", "cluster"])
    parser.add_argument("--examine", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.examine:
        examined(Path(options.examine[0]), options.examine[1])
        return
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    with tempfile.TemporaryDirectory() as scratch:
        exercise = adopted(Path(scratch))
        measured(exercise, Path(scratch), options.rounds, options.only)


def measured(exercise: Exercise, scratch: Path, rounds: int, only: str | None) -> None:
    """Print each ratio as soon as it is known."""
    if only in {None, "try"}:
        one, other = trying(exercise, scratch, rounds)
        print(f"unfit try: {one:.2f} s of processor; the same calls bare: {other:.2f} s")
        print(f"ratio: {one / other:.2f} (below 4 is the aim)", flush=True)
    if only in {None, "validate"}:
        spent = proving(exercise.bank, scratch)
        print(f"{len(plan(exercise))} trees of six defects: {json.dumps(spent)} s")
        print(f"ratio: {spent['shared'] / spent['anew']:.2f} (at most 0.5 is the aim)", flush=True)
    if only in {None, "cluster"}:
        alone, both = (clustered(exercise, workers) for workers in (1, 2))
        print(f"a cluster: {alone:.0f} s with one worker, {both:.0f} s with two, on {os.cpu_count()} cores")
        print(f"ratio: {both / alone:.2f} (at most 0.6 is the aim, where both cores are idle)")


if __name__ == "__main__":
    main()
