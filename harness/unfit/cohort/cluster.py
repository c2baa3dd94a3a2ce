"""A cluster: the same work on the workers of a Dask scheduler, each grade written once, here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unfit import environment as environments
from unfit.bank import Exercise, load_bank
from unfit.cohort.records import Settings
from unfit.cohort.running import Take
from unfit.cohort.work import Done, Item, Job, Parcel, kit_mark, lost, pack, work_on, write
from unfit.errors import UnfitError, UsageError
from unfit.machine import refuse_open, trust

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["run_on"]

AHEAD = 2
"""Submissions on their way for each worker: enough that none waits, few enough for the memory of this process."""
RETRIES = 2
BANK = "UNFIT_BANK"
"""Names the bank on a worker, where it lies elsewhere than here."""


def run_on(address: str, job: Job, items: Sequence[Item], *, take: Take) -> None:
    """Work on every submission, on the workers of a cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.7:8786``.
    job : Job
    items : sequence of Item
    take : callable
        Told of each submission once, when all of it is on the disk here.

    Raises
    ------
    UsageError
        If Dask is not installed, or nobody answers there.
    UnfitError
        If a worker's kit, bank or environment is another than here, or the cluster goes away.
    """
    with _connected(address) as client:
        _check_workers(client, job)
        try:
            _Traffic(client, job, iter(items), take).run()
        except CancelledError:
            raise UnfitError(
                f"{address}: the cluster went away",
                fix="what is graded stays; start it again, and the same command",
            ) from None


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client  # noqa: PLC0415 - few need a cluster
    except ImportError:
        raise UsageError("Dask is not installed here", fix="pip install 'unfit[cluster]'") from None
    try:
        client = Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{address}: no scheduler answers there: {error}", fix="start one: dask scheduler"
        ) from None
    with client:
        yield client


def _check_workers(client: Client, job: Job) -> None:
    """Refuse workers that would judge otherwise than this process."""
    threads = client.nthreads()
    if not threads:
        raise UnfitError("the cluster has no workers", fix="start some: dask worker ADDRESS --nthreads 1")
    for worker, number in threads.items():
        if number != 1:
            raise UnfitError(
                f"{worker}: has {number} threads, and a process grades one submission at a time",
                fix="start it with --nthreads 1, and as many workers as it has cores",
            )
    said = client.run(_problem, job, on_error="return")
    for worker, problem in said.items():
        if problem:
            raise UnfitError(
                f"{worker}: {problem}",
                fix=f"install the same kit, bank and environment there; {BANK} names the bank's folder on a worker",
            )


def _problem(job: Job) -> str:
    """Say, on a worker, why it would judge otherwise; empty where it would not."""
    try:
        _here(job)
    except UnfitError as error:
        return error.message
    return ""


def _here(job: Job) -> Job:
    """Find on a worker what the job names: the bank and the environment, both the same as there."""
    found = _found(os.environ.get(BANK) or str(job.exercise.bank), job.settings.model_dump_json())
    if job.environment is None or job.backend is None:  # nothing is run
        return replace(job, exercise=found, scratch=None)
    own = job.environment.python.exists()
    place = job.environment if own else environments.find(found.bank, packages=job.environment.packages)
    if place.digest != job.settings.environment:
        raise UnfitError("has another environment of exercises")
    if job.backend.protected:
        refuse_open(found.bank, place)
        trust(place)
    return replace(job, exercise=found, environment=place, scratch=None)


@cache
def _found(bank: str, settings: str) -> Exercise:
    """Read the exercise once a process; a bank that changes meanwhile is not looked at again."""
    wanted = Settings.model_validate_json(settings)
    if not wanted.kit.endswith(f"+{kit_mark()}"):
        raise UnfitError(f"has another kit than {wanted.kit}")
    if not Path(bank).is_dir():
        raise UnfitError(f"has no bank at {bank}")
    exercise = load_bank(Path(bank)).exercise(wanted.exercise)
    if exercise.digest != wanted.digest:
        raise UnfitError(f"has another {wanted.exercise} in {bank}")
    return exercise


def _there(job: Job, parcel: Parcel) -> Done:
    """Grade one submission, on a worker."""
    return work_on(_here(job), parcel)


class _Traffic:
    """What is under way between here and the workers.

    Parameters
    ----------
    client : Client
    job : Job
    waiting : iterator of Item
    take : callable
    """

    def __init__(self, client: Client, job: Job, waiting: Iterator[Item], take: Take) -> None:
        from distributed import as_completed  # noqa: PLC0415 - as above

        self.client = client
        self.job = job
        self.waiting = waiting
        self.take = take
        self.busy: dict[str, tuple[Item, Future[Any]]] = {}
        self.ready = as_completed(loop=client.loop)

    def run(self) -> None:
        """Send and receive until nothing is left."""
        try:
            self._send()
            for future in self.ready:
                item, _ = self.busy.pop(str(future.key))
                done = _result(self.job, item, future)
                write(self.job.out, done)
                self.take(replace(done, reports={}))
                self._send()
        finally:
            self.client.cancel([future for _, future in self.busy.values()])

    def _send(self) -> None:
        """Keep every worker busy, and no more than that under way."""
        while len(self.busy) < AHEAD * max(1, len(self.client.nthreads())):
            item = next(self.waiting, None)
            if item is None:
                return
            packed = pack(self.job, item)
            if isinstance(packed, Done):
                write(self.job.out, packed)
                self.take(packed)
                continue
            future = self.client.submit(
                _there, self.job, packed, key=f"unfit-{item.pseudonym}", pure=False, retries=RETRIES
            )
            self.busy[str(future.key)] = item, future
            self.ready.add(future)


def _result(job: Job, item: Item, future: Future[Any]) -> Done:
    """Take a result; where every worker that tried a submission died of it, that is its ending."""
    from distributed import KilledWorker  # noqa: PLC0415

    try:
        done: Done = future.result()
    except KilledWorker:
        return lost(job, item, "every worker that graded it died")
    return done
