"""Control groups bound and bill what a keeper cannot see, and everything works without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox_samples import ENVIRONMENT, QUICK, Bench, bench_fixture
from unfit.sandbox import Bubblewrap, Call, FaultKind, Limits, groups
from unfit.sandbox.account import Account
from unfit.sandbox.protocol import MIB

pytestmark = pytest.mark.sandbox
__all__ = ["bench_fixture"]

grouped = pytest.mark.skipif(bool(groups.missing()), reason="this machine allows no control group")

UNWAITED = """
    import os, signal, time
    def f(times):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for _ in range(times):
            if os.fork() == 0:
                while time.process_time() < 0.03: pass
                os._exit(0)
            time.sleep(0.02)
        return "burnt"
"""
UNMAPPED = """
    import mmap, socket
    def f(what):
        held, size = [], 0
        for _ in range(20):
            if what == "maps":
                piece = mmap.mmap(-1, 32 << 20)
                for at in range(0, 32 << 20, 4096): piece[at] = 1
                piece.madvise(mmap.MADV_DONTNEED)
                held.append(piece)
                size += 32
        while what == "sockets" and size < 200:
            pair = socket.socketpair()
            pair[0].setblocking(False)
            held.append(pair)
            try:
                while True: size += pair[0].send(bytes(1 << 16)) / 2**20
            except BlockingIOError: pass
            if len(held) > 110: break
        return size
"""


@grouped
def test_processes_that_nobody_waits_for_are_billed(bench: Bench) -> None:
    bench.call("def f(): return 1")
    reply = bench.call(UNWAITED, 40)
    assert (reply.value, reply.usage.cpu > 0.9) == ("burnt", True)


@grouped
def test_processes_that_nobody_waits_for_reach_the_processor_limit(bench: Bench) -> None:
    fault = bench.call(UNWAITED, 2000, limits=Limits(cpu=1, wall=60)).fault
    assert fault is not None
    assert fault.kind is FaultKind.CPU


@grouped
def test_shared_memory_that_nobody_maps_is_counted(bench: Bench) -> None:
    fault = bench.call(UNMAPPED, "maps", limits=Limits(resident=400 * MIB, wall=60)).fault
    assert fault is not None
    assert fault.kind in {FaultKind.MEMORY, FaultKind.DIED}


def test_without_a_group_a_call_runs_all_the_same(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    monkeypatch.setattr(groups, "make", lambda: None)
    entry = f"{bench.module('def f(): return 1')}:f"
    with Bubblewrap().open(bench.tree, ENVIRONMENT) as worker:
        assert worker.call(Call(entry, limits=QUICK)).value == 1


@grouped
def test_without_a_group_processes_that_nobody_waits_for_cost_little(
    monkeypatch: pytest.MonkeyPatch, bench: Bench
) -> None:
    monkeypatch.setattr(groups, "make", lambda: None)
    entry = f"{bench.module(UNWAITED)}:f"
    with Bubblewrap().open(bench.tree, ENVIRONMENT) as worker:
        counted = bench.worker.call(Call(entry, (40,), limits=QUICK)).usage.cpu
        assert worker.call(Call(entry, (40,), limits=QUICK)).usage.cpu < counted


def test_a_group_that_a_killed_grader_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "unfit-999999999-abc").mkdir()
    (tmp_path / f"unfit-{os.getpid()}-abc").mkdir()
    groups.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"unfit-{os.getpid()}-abc"]


@pytest.mark.parametrize(
    ("files", "seconds"),
    [
        ({"cpuacct.usage": "2500000000\n"}, 2.5),
        ({"cpu.stat": "usage_usec 2500000\nuser_usec 1\n"}, 2.5),
        ({}, 0),
    ],
    ids=["version 1", "version 2", "none"],
)
def test_processor_time_is_read_in_either_version(
    files: dict[str, str], seconds: float, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert groups.Group({"cpu": tmp_path}).cpu() == seconds


def test_a_call_is_billed_what_its_keeper_saw_unless_the_kernel_counts_clearly_more(tmp_path: Path) -> None:
    usage = tmp_path / "cpuacct.usage"
    usage.write_text("0\n")
    account = Account(groups.Group({"cpu": tmp_path}), 0, Limits())
    usage.write_text("1100000000\n")
    assert account.billed(1.0) == 1.0
    usage.write_text("9000000000\n")
    assert account.billed(1.0) == 9.0
