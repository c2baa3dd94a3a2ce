"""An author's trees lie in one sandbox one after the other, and know nothing of each other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from fake_sandbox import Fake
from unfit.environment import find
from unfit.sandbox import Bubblewrap, Call, Environment, Worker
from unfit.sandbox.link import Link
from unfit.sandbox.worker import MOST_SEEDS, PooledWorker
from unfit.validate import standing_sandbox as module
from unfit.validate.standing_sandbox import Stand, end_idle, standing

ENVIRONMENT = find(Path(__file__).parent / "banks" / "miniature")
LEAVE = b"""
import os, sys
def leave(n):
    for place in ("/tmp", "/dev/shm"):
        with open(f"{place}/left", "w") as file:
            file.write("x")
    sys.modules["left"] = sys
    return n
"""
FIND = b"""
import os, sys
def find():
    files = [name for _, _, names in os.walk("/submission") for name in names]
    return [sorted(files), os.path.exists("/tmp/left"), os.path.exists("/dev/shm/left"), "left" in sys.modules]
"""


class Counting(Fake):
    """A backend that counts the sandboxes that it starts and ends."""

    def __init__(self) -> None:
        super().__init__()
        self.started = self.ended = 0

    def open(
        self, submission: Path, environment: Environment, *, paths: Sequence[str] = ("src", ".")
    ) -> Worker:
        self.started += 1
        worker = super().open(submission, environment, paths=paths)
        close = worker.close

        def closed() -> None:
            self.ended += 1
            close()

        worker.close = closed  # type: ignore[method-assign]
        return worker


@pytest.fixture(autouse=True)
def nothing_stands() -> Iterator[None]:
    end_idle()
    yield
    end_idle()


def begun(backend: Any, *paths: str, files: dict[str, bytes] | None = None) -> Stand:
    with standing(backend, ENVIRONMENT, paths or ("src",)) as stand:
        stand.lay(files or {"src/a.py": b"def f():\n    return 1\n"})
        stand.open().close()
    return stand


@pytest.mark.sandbox
def test_a_tree_finds_nothing_of_the_one_that_lay_there_before() -> None:
    backend = Bubblewrap()
    with standing(backend, ENVIRONMENT, ("src",)) as first:
        first.lay({"src/own.py": LEAVE, "secret.txt": b"x"})
        with first.open() as worker:
            assert worker.call(Call("own:leave", (3,))).value == 3
    with standing(Bubblewrap(), ENVIRONMENT, ("src",)) as second:
        assert second is first
        second.lay({"src/own.py": FIND})
        with second.open() as worker:
            assert worker.call(Call("own:find")).value == [["own.py"], False, False, False]


def test_one_sandbox_serves_trees_of_a_kind() -> None:
    backend = Counting()
    assert begun(backend) is begun(backend, files={"src/b.py": b""})
    assert (backend.started, backend.ended) == (1, 0)


@pytest.mark.parametrize("other", [("src", "."), ("lib",)])
def test_trees_of_another_kind_get_another_one(other: tuple[str, ...]) -> None:
    backend = Counting()
    first = begun(backend)
    begun(backend, *other)
    assert (backend.started, backend.ended) == (2, 1)
    assert not first.path.parent.exists()


def test_a_backend_with_a_state_is_like_no_other() -> None:
    one, other = Counting(), Counting()
    begun(one)
    begun(other)
    assert (one.ended, other.started) == (1, 1)


def test_two_at_a_time_have_one_each() -> None:
    backend = Counting()
    with standing(backend, ENVIRONMENT, ("src",)) as one, standing(backend, ENVIRONMENT, ("src",)) as other:
        assert one.path != other.path
        for stand in (one, other):
            stand.lay({"a.py": b""})
            stand.open()
    assert (backend.started, backend.ended) == (2, 1)


def test_what_was_interrupted_does_not_stand_on() -> None:
    backend = Counting()
    lent = standing(backend, ENVIRONMENT, ("src",))
    stand = lent.__enter__()
    stand.lay({"a.py": b""})
    stand.open()
    assert not lent.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert backend.ended == 1
    assert not stand.path.exists()


def test_a_sandbox_that_nobody_asks_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    backend = Counting()
    stand = begun(backend)
    until = time.monotonic() + 30
    while stand.path.parent.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert backend.ended == 1


class Idle:
    """A sandbox in which nothing runs."""

    broken = retired = False

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_the_sandboxes_of_few_hash_seeds_are_kept() -> None:
    worker = PooledWorker(lambda _: cast("Link", Idle()))
    links = {seed: worker._take(seed) for seed in range(MOST_SEEDS + 2)}
    for seed, link in links.items():
        worker._give(seed, link)
    assert [seed for seed, link in links.items() if cast("Idle", link).closed] == [1]
    worker._give(1, worker._take(1))
    assert [seed for seed, link in links.items() if cast("Idle", link).closed] == [1, 2]
