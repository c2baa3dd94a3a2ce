"""A standing sandbox: an author's trees lie in it one after the other, so that packages are loaded once for them all.

Each call has a process and walls of its own there as well, and what forks these processes never reads a tree. What a
candidate hands in never shares a sandbox.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from unfit.planting import write_tree
from unfit.sandbox import Backend, Call, Environment, Notebook, Reply, Session, Worker

__all__ = ["Stand", "end_idle", "standing"]

PATIENCE: Final = 30.0
"""Seconds that a sandbox waits for the next tree."""

_lock = threading.Lock()
_idle: list[Stand] = []


class Stand:
    """A folder that holds one tree at a time, and the sandbox around it.

    Parameters
    ----------
    backend : Backend
    environment : Environment
    paths : sequence of str
        What of a tree goes on ``sys.path``.
    scratch : Path, optional
        Where the folder is made; the system's place for that without it.

    Attributes
    ----------
    path : Path
        The folder.
    """

    def __init__(
        self, backend: Backend, environment: Environment, paths: Sequence[str], scratch: Path | None
    ) -> None:
        self.key = key_of(backend, environment, paths, scratch)
        self._how = (backend, environment, tuple(paths))
        self._holder = Path(tempfile.mkdtemp(prefix="unfit-validate-", dir=scratch))
        self.path = self._holder / "submission"
        self._worker: Worker | None = None
        self.timer: threading.Timer | None = None

    def lay(self, files: Mapping[str, bytes]) -> None:
        """Let the folder hold this tree, and nothing else."""
        write_tree(files, self.path)

    def open(self) -> Worker:
        """Return the sandbox, started where it is not yet there; it stays when it is closed."""
        if self._worker is None:
            backend, environment, paths = self._how
            self._worker = backend.open(self.path, environment, paths=paths)
        return _Staying(self._worker)

    def end(self) -> None:
        """End the sandbox, and remove the folder."""
        if self._worker is not None:
            self._worker.close()
        shutil.rmtree(self._holder, ignore_errors=True)


class _Staying:
    """A worker that others go on using when it is closed."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def call(self, call: Call) -> Reply:
        return self._worker.call(call)

    def session(self, **how: Any) -> Session:
        return self._worker.session(**how)

    def notebook(self, notebook: Notebook) -> tuple[Session, Reply]:
        return self._worker.notebook(notebook)

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def key_of(
    backend: Backend, environment: Environment, paths: Sequence[str], scratch: Path | None
) -> tuple[Any, ...]:
    """Say what two trees must have in common to lie in one sandbox; a backend with a state is like no other."""
    return (backend if vars(backend) else type(backend), environment, tuple(paths), scratch)


@contextlib.contextmanager
def standing(
    backend: Backend, environment: Environment, paths: Sequence[str], *, scratch: Path | None = None
) -> Iterator[Stand]:
    """Lend the sandbox that stands in this process, or another where that is in use or of another kind.

    Parameters
    ----------
    backend : Backend
    environment : Environment
    paths : sequence of str
        What of a tree goes on ``sys.path``.
    scratch : Path, optional
        Where trees are laid out.

    Yields
    ------
    stand : Stand
        It goes on to stand afterwards, for half a minute, unless something was raised.
    """
    stand = _taken(key_of(backend, environment, paths, scratch)) or Stand(
        backend, environment, paths, scratch
    )
    try:
        yield stand
    except BaseException:
        stand.end()
        raise
    _keep(stand)


def _taken(key: tuple[Any, ...] | None) -> Stand | None:
    """Take what stands idle, and end it where it is of another kind."""
    with _lock:
        stand = _idle.pop() if _idle else None
    if stand is None:
        return None
    if stand.timer:
        stand.timer.cancel()
    if stand.key == key and stand.path.parent.is_dir():
        return stand
    stand.end()
    return None


def _keep(stand: Stand) -> None:
    stand.timer = threading.Timer(PATIENCE, _end, [stand])
    stand.timer.daemon = True
    with _lock:
        replaced = [*_idle]
        _idle[:] = [stand]
    stand.timer.start()
    for other in replaced:
        other.end()


def _end(stand: Stand) -> None:
    with _lock:
        idle = stand in _idle
        _idle[:] = [one for one in _idle if one is not stand]
    if idle:
        stand.end()


def end_idle() -> None:
    """End what stands idle in this process."""
    _taken(None)


Finalize(None, end_idle, exitpriority=0)
