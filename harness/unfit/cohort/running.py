"""Running a cohort: every submission once, side by side, none ending the others, and nothing done twice."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from unfit.cohort.records import GRADES
from unfit.cohort.work import Done, Item, Job, lost, work, write
from unfit.errors import UnfitError
from unfit.files import discard_unfinished
from unfit.pool import end, pool, single_threaded

__all__ = ["Pace", "Progress", "Take", "Watcher", "locked", "run"]

Take = Callable[[Done], None]


@dataclass(frozen=True)
class Progress:
    """One submission that came to its end.

    Parameters
    ----------
    done : Done
    count, total : int
        Submissions that have ended, of how many.
    seconds_left : float or None
        By the pace so far; None before the first new grade.
    """

    done: Done
    count: int
    total: int
    seconds_left: float | None

    @property
    def left(self) -> str:
        """How long the rest will take, in words; empty where nobody knows."""
        if self.seconds_left is None:
            return ""
        minutes, seconds = divmod(round(self.seconds_left), 60)
        return f"about {minutes} min {seconds:02d} s left" if minutes else f"about {seconds} s left"


Watcher = Callable[[Progress], None]


def run(job: Job, items: Sequence[Item], *, workers: int = 2, take: Take) -> None:
    """Work on every submission, in processes side by side.

    Parameters
    ----------
    job : Job
    items : sequence of Item
    workers : int, default=2
        How many processes.
    take : callable
        Told of each submission once, when all of it is on the disk.
    """
    waiting = deque(items)
    with tempfile.TemporaryDirectory(prefix="unfit-cohort-") as scratch, single_threaded():
        here = replace(job, scratch=Path(scratch))
        while waiting:
            for item in _until_one_dies(here, waiting, workers, take):
                if _until_one_dies(here, deque([item]), 1, take):  # alone, it is known which one it was
                    done = lost(job, item, "the process that graded it died")
                    write(job.out, done)
                    take(done)


def _until_one_dies(job: Job, waiting: deque[Item], workers: int, take: Take) -> list[Item]:
    """Work until all is done, or until a process dies; return what was under way then."""
    busy: dict[Future[Done], Item] = {}
    with pool(min(workers, len(waiting))) as running:
        try:
            while waiting or busy:
                while waiting and len(busy) <= workers:
                    item = waiting.popleft()
                    busy[running.submit(_worked, job, item)] = item
                _collect(busy, take)
        except BrokenProcessPool:
            return [*busy.values()]
        except BaseException:
            end(running)
            raise
    return []


def _collect(busy: dict[Future[Done], Item], take: Take) -> None:
    done, _ = wait(busy, return_when=FIRST_COMPLETED)
    ended = [one for one in busy if one in done]  # in the order in which they were begun
    for future in sorted(
        ended, key=lambda one: one.exception() is not None
    ):  # whole ones before the broken ones
        result = future.result()
        del busy[future]
        take(result)


def _worked(job: Job, item: Item) -> Done:
    """Do the work in a process of the pool, and leave the reports on the disk instead of sending them."""
    done = work(job, item)
    write(job.out, done)
    return replace(done, reports={})


class Pace:
    """What is done, and how long the rest will take.

    Parameters
    ----------
    total : int
        How many submissions there are.
    watch : callable, optional
        Told of every one.
    """

    def __init__(self, total: int, watch: Watcher | None = None) -> None:
        self.total = total
        self.watch = watch
        self.started = time.monotonic()
        self.count = 0
        self.fresh = 0

    def take(self, done: Done) -> None:
        """Count one submission."""
        self.count += 1
        self.fresh += not done.kept
        if self.watch:
            self.watch(Progress(done, self.count, self.total, self._left()))

    def _left(self) -> float | None:
        if not self.fresh:
            return None
        return (time.monotonic() - self.started) / self.fresh * (self.total - self.count)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep a second run away from a cohort's folder, and clear away what a killed one had half written there.

    Raises
    ------
    UnfitError
        If one is at work there.
    """
    out.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(out / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, out)
        for folder in (out, *out.glob(f"{GRADES}/*")):
            discard_unfinished(folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, out: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UnfitError(
            f"{out}: another run is at work there",
            fix="wait until it ends, or name another folder with --out",
        ) from None
