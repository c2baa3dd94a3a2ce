"""Faults of the machine end a grade whole or not at all, with a clear message and no stray process."""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyseccomp
import pytest

import unfit
from bank_samples import MINIATURE, tea_shop
from processes import below, gone
from sandbox_samples import ENVIRONMENT
from unfit.judge import grade
from unfit.report import render_json
from unfit.sandbox import Bubblewrap
from unfit.sandbox.seccomp import NAMESPACES
from unfit.submission import take

pytestmark = pytest.mark.sandbox

SHIPPED = MINIATURE / "exercises" / "tea_shop"
WHOLE = {"grade.json", "report.html", "feedback.html", "junit.xml"}
HARNESS = str(Path(unfit.__file__).parent.parent)
KILLS = 100


def command(out: Path, submission: Path = SHIPPED) -> list[str]:
    """Return the command that grades the tea shop."""
    words = ["grade", "tea_shop", str(submission), "--bank", str(MINIATURE), "--out", str(out), "--seed", "3"]
    return [sys.executable, "-m", "unfit", *words]


def grading(out: Path, *, submission: Path = SHIPPED, **options: Any) -> subprocess.Popen[str]:
    """Start to grade the tea shop."""
    environment = {**os.environ, "PYTHONPATH": HARNESS, **options.pop("env", {})}
    return subprocess.Popen(
        command(out, submission),
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


def no_namespaces() -> None:
    """Have the kernel refuse namespaces to this process and all that it starts."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "unshare")
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in NAMESPACES:
        rules.add_rule(
            pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
        )
    rules.load()


def test_where_the_kernel_refuses_namespaces_there_is_no_grade(arena_works: None, tmp_path: Path) -> None:
    code, complaint = ended(grading(tmp_path / "out", preexec_fn=no_namespaces))
    assert (code, "cannot confine" in complaint, "Traceback" in complaint) == (3, True, False), complaint
    assert "fix:" in complaint
    assert written(tmp_path / "out") == set()


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_full_disk_gives_no_half_grade(arena_works: None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, complaint = ended(grading(out, preexec_fn=small_files))
    assert (code, "Traceback" in complaint) == (3, False), complaint
    assert "grade.json" not in written(out)
    assert goes_on(out)


def mounted(folder: Path, options: str, out: Path, *, shell: str = "") -> tuple[int, str, set[str]]:
    """Grade where a small file system of its own lies over a folder; return what was left in OUT."""
    folder.mkdir()
    lines = [
        "set -e",
        f"mount -t tmpfs -o {options} tmpfs {shlex.quote(str(folder))}",
        shell,
        "code=0",
        f"{shlex.join(command(out))} >/dev/null || code=$?",
        f"ls {shlex.quote(str(out))} 2>/dev/null || true",
        "exit $code",
    ]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "\n".join(lines)],
        env={**os.environ, "PYTHONPATH": HARNESS},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stderr, set(done.stdout.split())


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


@only_root
@pytest.mark.parametrize("size", ["4k", "16k", "24k", "32k"])
def test_a_disk_that_fills_gives_no_half_grade(size: str, arena_works: None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, complaint, left = mounted(out, f"size={size}", out)
    assert (code, "Traceback" in complaint) == (3, False), complaint
    assert "No space left" in complaint
    assert "grade.json" not in left
    assert not any(name.endswith(".part") for name in left)
    assert goes_on(out)


@only_root
def test_without_room_for_temporary_files_that_is_said(arena_works: None, tmp_path: Path) -> None:
    room = tmp_path / "room"
    code, complaint, left = mounted(room, "size=4k", tmp_path / "out", shell=f"export TMPDIR={room}")
    assert (code, "Traceback" in complaint, left) == (3, False, set()), complaint
    assert "No space left" in complaint


@only_root
def test_a_folder_that_is_mounted_read_only_is_refused_before_the_work(
    arena_works: None, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, complaint, left = mounted(out, "ro", out)
    assert (code, "Traceback" in complaint, left) == (2, False, set()), complaint
    assert "Read-only file system" in complaint


def test_where_nothing_can_be_written_that_is_said(arena_works: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, complaint = ended(grading(tmp_path / "file" / "out"))
    assert (code in {2, 3}, "Traceback" in complaint) == (True, False), complaint
    assert str(tmp_path / "file") in complaint


def begun(grader: subprocess.Popen[str]) -> set[int]:
    """Wait until a grader has started its sandbox; return what runs below it."""
    deadline = time.monotonic() + 60
    while len(found := below(grader.pid)) < 2 and grader.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["the grader", "its whole group"])
def test_interrupted_a_grade_is_not_written(
    send: Callable[[int, int], None], arena_works: None, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    grader = grading(out)
    started = begun(grader)
    send(grader.pid, signal.SIGINT)
    code, complaint = ended(grader)
    assert (code, "Traceback" in complaint) == (130, False), complaint
    assert "interrupted" in complaint
    assert started
    assert gone(started)
    assert written(out) == set()
    assert goes_on(out)


def whole_or_nothing(out: Path) -> bool:
    """Whether what lies there is a whole record or none."""
    if "grade.json" not in written(out):
        return True
    return bool(json.loads((out / "grade.json").read_text())["defects"])


def killed(out: Path, after: float) -> tuple[bool, set[int]]:
    """Kill a grader after a while; return whether it was still at work, and what it had started."""
    grader = grading(out)
    time.sleep(after)
    grader.send_signal(signal.SIGSTOP)  # so that it starts nothing between the look and the kill
    started = below(grader.pid)
    grader.kill()
    code, _ = ended(grader)
    return code == -signal.SIGKILL, started


@pytest.mark.slow
def test_killed_at_any_moment_a_grader_leaves_no_half_grade(arena_works: None, tmp_path: Path) -> None:
    begin = time.monotonic()
    assert goes_on(tmp_path / "whole")
    lasts, draw = time.monotonic() - begin, random.Random(7)
    midway = 0
    for number in range(KILLS):
        out = tmp_path / str(number)
        working, started = killed(out, draw.uniform(0.0, 1.1 * lasts))
        midway += working
        assert gone(started), number
        assert whole_or_nothing(out), number
    assert midway > KILLS // 2
    assert goes_on(tmp_path / "0")


@pytest.mark.slow
def test_killed_while_it_writes_a_rerun_goes_on_in_the_same_folder(arena_works: None, tmp_path: Path) -> None:
    for after in (0.2, 0.8, 1.4):
        killed(tmp_path / "out", after)
        assert whole_or_nothing(tmp_path / "out")
    assert goes_on(tmp_path / "out")


def test_a_clock_that_jumps_changes_nothing(
    arena_works: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def graded() -> str:
        copy = take(SHIPPED, tmp_path / str(next(numbers)))
        done = grade(tea_shop(), copy, backend=Bubblewrap(), environment=ENVIRONMENT, seed=3)
        return render_json(done.model_copy(update={"timings": still.timings if still else done.timings}))

    numbers, still = itertools.count(), None
    still = grade(
        tea_shop(),
        take(SHIPPED, tmp_path / "still"),
        backend=Bubblewrap(),
        environment=ENVIRONMENT,
        seed=3,
    )
    calm = graded()
    for jumps in ([0.0], [1e12], [0.0, 1e12, 1e9]):
        moments = itertools.cycle(jumps)
        monkeypatch.setattr(time, "time", lambda moments=moments: next(moments))
        assert graded() == calm
