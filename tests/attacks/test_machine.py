"""Faults of the machine end a grade whole or not at all, with a clear message and no stray process."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import unfit
from attacks.arena import Arena
from bank_samples import MINIATURE
from processes import below, gone
from unfit.sandbox import Call

pytestmark = pytest.mark.sandbox

SHIPPED = MINIATURE / "exercises" / "tea_shop"
WHOLE = {"grade.json", "report.html", "feedback.html", "junit.xml"}
HARNESS = str(Path(unfit.__file__).parent.parent)


def grading(out: Path, **options: Any) -> subprocess.Popen[str]:
    """Start to grade the tea shop."""
    environment = {**os.environ, "PYTHONPATH": HARNESS, **options.pop("env", {})}
    words = ["grade", "tea_shop", str(SHIPPED), "--bank", str(MINIATURE), "--out", str(out), "--seed", "3"]
    return subprocess.Popen(
        [sys.executable, "-m", "unfit", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
        **options,
    )


def ended(grader: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a grader; return its exit code and what it complained of."""
    _, complaint = grader.communicate(timeout=300)
    return grader.returncode, complaint


def written(out: Path) -> set[str]:
    """List what a grade left."""
    return {path.name for path in out.iterdir()} if out.is_dir() else set()


def goes_on(out: Path) -> bool:
    """Whether a rerun gives a whole grade."""
    code, complaint = ended(grading(out))
    assert code == 0, complaint
    return written(out) >= WHOLE and bool(json.loads((out / "grade.json").read_text())["defects"])


def path_with(folder: Path, *, bwrap: str = "") -> str:
    """Return a PATH with everything but bubblewrap, or with a stub of it."""
    folder.mkdir()
    for name in ("git", "uv", "sh"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    if bwrap:
        (folder / "bwrap").write_text(f"#!/bin/sh\n{bwrap}\n")
        (folder / "bwrap").chmod(0o755)
    return str(folder)


def test_without_bubblewrap_there_is_no_grade(tmp_path: Path) -> None:
    code, complaint = ended(grading(tmp_path / "out", env={"PATH": path_with(tmp_path / "bin")}))
    assert (code, "bubblewrap is not installed" in complaint) == (3, True), complaint
    assert written(tmp_path / "out") == set()


def test_without_namespaces_there_is_no_grade(tmp_path: Path) -> None:
    stub = "echo 'bwrap: No permissions to create a new namespace' >&2; exit 1"
    path = path_with(tmp_path / "bin", bwrap=stub)
    code, complaint = ended(grading(tmp_path / "out", env={"PATH": path}))
    assert (code, "No permissions" in complaint, "Traceback" in complaint) == (3, True, False), complaint
    assert written(tmp_path / "out") == set()


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_full_disk_gives_no_half_grade(arena_works: None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, complaint = ended(grading(out, preexec_fn=small_files))
    assert (code, "Traceback" in complaint) == (3, False), complaint
    assert "grade.json" not in written(out)
    assert goes_on(out)


def test_where_nothing_can_be_written_that_is_said(arena_works: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, complaint = ended(grading(tmp_path / "file" / "out"))
    assert (code in {2, 3}, "Traceback" in complaint) == (True, False), complaint
    assert str(tmp_path / "file") in complaint


def stopped(out: Path, number: signal.Signals, after: float) -> tuple[int, str, set[int]]:
    """Send a signal to a grader after a while; return how it ended, and what it had started."""
    grader = grading(out)
    time.sleep(after)
    started = below(grader.pid)
    grader.send_signal(number)
    code, complaint = ended(grader)
    return code, complaint, started


def test_interrupted_a_grade_is_not_written(arena_works: None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, complaint, started = stopped(out, signal.SIGINT, 2.0)
    assert (code, "Traceback" in complaint) == (130, False), complaint
    assert "interrupted" in complaint
    assert gone(started)
    assert written(out) == set()


def whole_or_nothing(out: Path) -> bool:
    """Whether what lies there is a whole record or none."""
    if "grade.json" not in written(out):
        return True
    return bool(json.loads((out / "grade.json").read_text())["defects"])


@pytest.mark.slow
def test_killed_at_any_moment_a_grader_leaves_no_half_grade(arena_works: None, tmp_path: Path) -> None:
    draw = random.Random(7)
    for number in range(20):
        out = tmp_path / str(number)
        _, _, started = stopped(out, signal.SIGKILL, draw.uniform(0.1, 6.0))
        assert gone(started)
        assert whole_or_nothing(out)
    assert goes_on(tmp_path / "0")


@pytest.mark.parametrize("clock", [lambda: 0.0, lambda: 1e12], ids=["back", "forth"])
def test_a_clock_that_jumps_changes_nothing(
    clock: Callable[[], float], arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", clock)
    assert arena.worker.call(Call("honest:f", ([1, 3],))).value == {"mean": 2.0, "rows": 2}
