"""A cohort side by side: every submission once, in processes of a pool, none ending the others."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from unfit.cohort.settings_and_endings import GRADES
from unfit.cohort.work import CohortJob, Done, Item, lost, work, write
from unfit.errors import UnfitError
from unfit.files import discard_unfinished
from unfit.pool import end, pool, single_threaded

__all__ = ["CohortProgress", "Take", "Watcher", "locked", "run"]

Take = Callable[[Done], None]


@dataclass(frozen=True)
class CohortProgress:
    """One submission that came to its end.

    Parameters
    ----------
    done : Done
    count, total : int
        Submissions that have ended, of how many.
    left : str
        How long the rest will take, in words; empty before the first new grade.
    """

    done: Done
    count: int
    total: int
    left: str


Watcher = Callable[[CohortProgress], None]


def run(job: CohortJob, items: Sequence[Item], *, workers: int = 2, take: Take) -> None:
    """Work on every submission, in processes side by side.

    Parameters
    ----------
    job : CohortJob
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


def _until_one_dies(job: CohortJob, waiting: deque[Item], workers: int, take: Take) -> list[Item]:
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


def _worked(job: CohortJob, item: Item) -> Done:
    """Do the work in a process of the pool, and leave the reports on the disk instead of sending them."""
    done = work(job, item)
    write(job.out, done)
    return replace(done, reports={})


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
