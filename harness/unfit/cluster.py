"""A cluster: work on the workers of a Dask scheduler that have the same kit, bank and environment as this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from unfit import environment as environments
from unfit.bank import Exercise, load_bank
from unfit.errors import UnfitError, UsageError
from unfit.machine import ensure_may_grade
from unfit.sandbox import Backend, Environment

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["Alike", "Sent", "connected", "hand_out", "kit_mark", "place_there", "refuse_unlike"]

AHEAD = 2
"""Pieces of work on their way for each worker: enough that none waits, few enough for the memory of this process."""
RETRIES = 2
BANK = "UNFIT_BANK"
"""Names the bank on a worker, where it lies elsewhere than here."""

T = TypeVar("T")


@dataclass(frozen=True)
class Alike:
    """What a worker has in common with this machine.

    Parameters
    ----------
    kit : str
        Mark of the kit's code, as far as the work depends on it.
    left_out : tuple of str
        Packages of the kit that the mark passes over; see `kit_mark`.
    bank, slug, digest : str
        The exercise and where it lies here.
    environment : str
        Digest of the environment; empty where nothing is run.
    """

    kit: str
    left_out: tuple[str, ...]
    bank: str
    slug: str
    digest: str
    environment: str


@dataclass(frozen=True)
class Sent(Generic[T]):
    """One piece of work on its way.

    Parameters
    ----------
    name : str
        Another for each piece.
    what : object
        What the work is done on, there.
    future : Future
    """

    name: str
    what: T
    future: Future[Any]

    def result(self, lost: Callable[[], Any]) -> Any:
        """Take what came of it; where every worker that tried it died of it, what `lost` says."""
        from distributed import KilledWorker  # noqa: PLC0415 - few need a cluster

        try:
            return self.future.result()
        except KilledWorker:
            return lost()


@cache
def kit_mark(*left_out: str) -> str:
    """Hash the kit's code.

    Parameters
    ----------
    *left_out : str
        Packages on which the work does not depend, such as ``cli/``.
    """
    root = Path(str(files("unfit")))
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(left_out):
            whole.update(name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:12]


@contextmanager
def connected(address: str, *, lost: str) -> Iterator[Client]:
    """Open a scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.7:8786``.
    lost : str
        What to do if the cluster goes away.

    Raises
    ------
    UsageError
        If Dask is not installed, or nobody answers there.
    UnfitError
        If the cluster goes away.
    """
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
        try:
            yield client
        except CancelledError:
            raise UnfitError(f"{address}: the cluster went away", fix=lost) from None


def refuse_unlike(client: Client, problem: Callable[[Any], str], job: Any) -> None:
    """Refuse workers that would judge otherwise than this process.

    Parameters
    ----------
    client : Client
    problem : callable
        Says on a worker why it would, given the job; empty where it would not.
    job : object

    Raises
    ------
    UnfitError
        If there are no workers, or one has several threads, or another kit, bank or environment.
    """
    threads = client.nthreads()
    if not threads:
        raise UnfitError("the cluster has no workers", fix="start some: dask worker ADDRESS --nthreads 1")
    for worker, number in threads.items():
        if number != 1:
            raise UnfitError(
                f"{worker}: has {number} threads, and a process grades one submission at a time",
                fix="start it with --nthreads 1, and as many workers as it has cores",
            )
    said = client.run(problem, job, on_error="return")
    for worker, found in said.items():
        if found:
            raise UnfitError(
                f"{worker}: {found}",
                fix=f"install the same kit, bank and environment there; {BANK} names the bank's folder on a worker",
            )


def place_there(
    wanted: Alike, backend: Backend | None, environment: Environment | None
) -> tuple[Exercise, Environment | None]:
    """Find on a worker the exercise and the environment, both the same as where the work comes from.

    Raises
    ------
    UnfitError
        If one of them, or the kit, is another.
    """
    found = _found(wanted, os.environ.get(BANK) or wanted.bank)
    if backend is None or environment is None:  # nothing is run
        return found, environment
    own = environment.python.exists()
    place = environment if own else environments.find(found.bank, packages=environment.packages)
    if place.digest != wanted.environment:
        raise UnfitError("has another environment of exercises")
    ensure_may_grade(backend, place, found.bank)
    return found, place


@cache
def _found(wanted: Alike, bank: str) -> Exercise:
    """Read the exercise once a process; a bank that changes meanwhile is not looked at again."""
    if kit_mark(*wanted.left_out) != wanted.kit:
        raise UnfitError("has another kit")
    if not Path(bank).is_dir():
        raise UnfitError(f"has no bank at {bank}")
    exercise = load_bank(Path(bank)).exercise(wanted.slug)
    if exercise.digest != wanted.digest:
        raise UnfitError(f"has another {wanted.slug} in {bank}")
    return exercise


def hand_out(
    client: Client,
    work: Iterator[tuple[str, T]],
    act: Callable[[T], Any],
    take: Callable[[Sent[T]], None],
) -> None:
    """Keep every worker busy, and no more than that under way, until nothing is left.

    Parameters
    ----------
    client : Client
    work : iterator of (str, object)
        Names, each once, and what the work is done on; asked for more as workers fall idle.
    act : callable
        Does the work, there.
    take : callable
        Told here of each piece that came back.
    """
    from distributed import as_completed  # noqa: PLC0415 - few need a cluster

    busy: dict[str, Sent[T]] = {}
    ready = as_completed(loop=client.loop)

    def send() -> None:
        while len(busy) < AHEAD * max(1, len(client.nthreads())):
            piece = next(work, None)
            if piece is None:
                return
            name, what = piece
            future = client.submit(act, what, key=f"unfit-{name}", pure=False, retries=RETRIES)
            busy[str(future.key)] = Sent(name, what, future)
            ready.add(future)

    try:
        send()
        for future in ready:
            take(busy.pop(str(future.key)))
            send()
    finally:
        client.cancel([sent.future for sent in busy.values()])
