"""What judging costs: one grade, over the same calls made bare in one warm process.

Run it with ``make bench``. It prints a ratio of processor seconds, measured side by side, never an absolute promise.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pickle
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from unfit.bank import load_bank
from unfit.environment import find
from unfit.examination import examine
from unfit.sandbox import Bubblewrap, Call, Reply, Session, Usage, Worker
from unfit.submission import take
from unfit.wire import Folder

BANK = Path(__file__).resolve().parent.parent
SLUG = "hospital_triage"
SEED = 20


class Recorder:
    """A worker that writes down every call on its way to another."""

    def __init__(self, inner: Worker) -> None:
        self.inner = inner
        self.calls: list[tuple[Call, list[dict[str, bytes]]]] = []

    def call(self, call: Call) -> Reply:
        self.calls.append((call, [dict(item.files) for item in call.args if isinstance(item, Folder)]))
        return self.inner.call(call)

    def session(self, **options: Any) -> RecordedSession:
        return RecordedSession(self, self.inner.session(**options))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class RecordedSession:
    """A session whose calls are written down too."""

    def __init__(self, recorder: Recorder, inner: Session) -> None:
        self.recorder = recorder
        self.inner = inner

    def call(self, call: Call) -> Reply:
        self.recorder.calls.append(
            (call, [dict(item.files) for item in call.args if isinstance(item, Folder)])
        )
        return self.inner.call(call)

    def close(self) -> Usage:
        return self.inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def record(tree: Path) -> list[Any]:
    """Grade once and keep every call."""
    bank = load_bank(BANK)
    exercise = bank.exercise(SLUG)
    place = find(BANK, packages=exercise.manifest.environment.packages)
    with Bubblewrap().open(tree, place, paths=exercise.manifest.contract.paths) as worker:
        recorder = Recorder(worker)
        examine(exercise, cast("Worker", recorder), seed=SEED)
    return recorder.calls


def bare(calls: Path, tree: Path) -> tuple[float, float]:
    """Make the recorded calls in this process; return the processor seconds they took, and those of all of it."""
    sys.path[:0] = [str(tree / "src")]
    asked: list[tuple[Call, list[dict[str, bytes]]]] = pickle.loads(calls.read_bytes())
    for name in {call.entry.partition(":")[0] for call, _ in asked}:
        importlib.import_module(name)
    started = time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        for number, (call, folders) in enumerate(asked):
            _make(call, folders, Path(scratch) / str(number))
    return time.process_time() - started, time.process_time()


def _make(call: Call, folders: list[dict[str, bytes]], scratch: Path) -> None:
    module, _, function = call.entry.partition(":")
    contents = iter(folders)
    args = [str(_folder(next(contents), scratch)) if isinstance(item, Folder) else item for item in call.args]
    random.seed(call.seed)
    np.random.seed(call.seed % 2**32)  # noqa: NPY002 - as the worker does for candidates who use it
    try:
        getattr(importlib.import_module(module), function)(*args, **call.kwargs)
    except Exception:  # noqa: BLE001 - a call that raises costs what it costs
        return


def _folder(files: Mapping[str, bytes], scratch: Path) -> Path:
    scratch.mkdir(exist_ok=True)
    for name, content in files.items():
        (scratch / name).write_bytes(content)
    return scratch


def processor_of(command: list[str], *, cwd: Path = BANK, env: Mapping[str, str] | None = None) -> float:
    """Processor seconds of a command and of everything below it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, cwd=cwd, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main() -> None:
    """Measure both, in turns, and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bare", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        json.dump(bare(*options.bare), sys.stdout)
        return
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    with tempfile.TemporaryDirectory() as scratch:
        whole, calls, process = measure(Path(scratch), options.rounds)
    print(f"one grade of {SLUG}: {whole:.2f} s of processor, everything included")
    print(
        f"the same calls, bare and warm: {calls:.2f} s; with the start of their one process: {process:.2f} s"
    )
    print(
        f"ratio: {whole / calls:.2f} over the calls (at most 2 is the aim), {whole / process:.2f} over the process"
    )


def measure(scratch: Path, rounds: int) -> tuple[float, float, float]:
    """Median processor seconds of a whole grade, of its calls alone, and of the process that makes them."""
    exercise = load_bank(BANK).exercise(SLUG)
    tree = take(exercise.project, scratch / "tree").root
    calls = scratch / "calls"
    calls.write_bytes(pickle.dumps(record(tree)))
    grade = [sys.executable, "-m", "unfit", "grade", SLUG, str(tree), "--seed", str(SEED)]
    alone = [sys.executable, __file__, "--bare", str(calls), str(tree)]
    wholes, bares = [], []
    for _ in range(rounds):
        wholes.append(processor_of(grade))
        done = subprocess.run(alone, check=True, capture_output=True)
        bares.append(json.loads(done.stdout))
    calls_alone, processes = np.median(bares, axis=0)
    return float(np.median(wholes)), float(calls_alone), float(processes)


if __name__ == "__main__":
    main()
