"""A worker: the sandboxes around one submission, one for each hash seed and for each process that lives at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from unfit.sandbox.link import Broken, Link
from unfit.sandbox.process import Process
from unfit.sandbox.protocol import Call, Limits, Notebook, Reply, Session, Usage

__all__ = ["PooledWorker", "RunningSession"]

SESSION = Limits(cpu=60.0, wall=180.0)
MOST_SEEDS = 4
"""Hash seeds, beside the usual one, whose sandboxes wait for a next call."""


class RunningSession:
    """One process that answers several requests.

    Parameters
    ----------
    process : Process
        The process.
    release : callable
        What takes the sandbox back.
    """

    def __init__(self, process: Process, release: Callable[[], None]) -> None:
        self._process = process
        self._release = release
        self._closed = False

    def call(self, call: Call) -> Reply:
        """Call an entry point, or a function that the notebook defined."""
        return self._process.request(request_of(call), call.limits)

    def run(self, notebook: Notebook) -> Reply:
        """Run a notebook in this session's process."""
        return self._process.request(request_of_notebook(notebook), notebook.limits)

    def value(self, name: str) -> Reply:
        """Fetch a variable of the notebook by name."""
        return self._process.request({"do": "value", "name": name}, self._process.limits)

    def close(self) -> Usage:
        """End the process and everything that it started."""
        usage = self._process.close()
        if not self._closed:
            self._closed = True
            self._release()
        return usage

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


class PooledWorker:
    """Run calls, sessions and notebooks of one submission.

    Parameters
    ----------
    start : callable
        What starts a sandbox with a given hash seed.
    cleanup : callable, optional
        What is left to do when the worker closes.
    """

    def __init__(self, start: Callable[[int], Link], cleanup: Callable[[], None] = lambda: None) -> None:
        self._start = start
        self._cleanup = cleanup
        self._idle: dict[int, list[Link]] = {0: [start(0)]}
        self._lock = threading.Lock()
        self._closed = False

    def call(self, call: Call) -> Reply:
        """Run one call in a process of its own."""
        link, process = self._begin(call.hash_seed, call.limits, call.environment)
        try:
            return process.once(request_of(call))
        finally:
            self._give(call.hash_seed, link)

    def session(
        self,
        *,
        limits: Limits | None = None,
        seed: int = 0,
        hash_seed: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> Session:
        """Start a process that answers several calls; ``limits`` bound the whole of it."""
        del seed  # each call brings its own
        return self._session(hash_seed, limits or SESSION, environment or {})

    def notebook(self, notebook: Notebook) -> tuple[Session, Reply]:
        """Run a notebook; its namespace stays reachable through the session, for as long again as the run may take."""
        whole = Limits(
            **{**vars(notebook.limits), "cpu": 2 * notebook.limits.cpu, "wall": 2 * notebook.limits.wall}
        )
        session = self._session(notebook.hash_seed, whole, notebook.environment, kernel=notebook.kernel)
        return session, session.run(notebook)

    def _session(
        self, hash_seed: int, limits: Limits, environment: Mapping[str, str], *, kernel: bool | None = None
    ) -> RunningSession:
        link, process = self._begin(hash_seed, limits, environment, kernel=kernel)
        return RunningSession(process, lambda: self._give(hash_seed, link))

    def _begin(
        self, hash_seed: int, limits: Limits, environment: Mapping[str, str], *, kernel: bool | None = None
    ) -> tuple[Link, Process]:
        """Start a process in an idle sandbox, or in a new one if the last submission's process has broken that."""
        try:
            return begun(self._take(hash_seed), limits, environment, kernel)
        except Broken:
            return begun(self._start(hash_seed), limits, environment, kernel)

    def _take(self, hash_seed: int) -> Link:
        """Return a sandbox in which nothing runs."""
        with self._lock:
            idle = self._idle.setdefault(hash_seed, [])
            link = idle.pop() if idle else None
        return link or self._start(hash_seed)

    def _give(self, hash_seed: int, link: Link) -> None:
        """Keep a sandbox for the next call, if it is fit for one."""
        with self._lock:
            fit = not link.broken and not link.retired and not self._closed
            if fit:
                self._idle.setdefault(hash_seed, []).append(link)
            surplus = self._surplus() if fit else [link]
        for one in surplus:
            one.close()

    def _surplus(self) -> list[Link]:
        """Take out the sandboxes of the hash seed that was asked for first, where there are many seeds."""
        others = [seed for seed, links in self._idle.items() if seed and links]
        return self._idle.pop(others[0]) if len(others) > MOST_SEEDS else []

    def close(self) -> None:
        """End every sandbox."""
        with self._lock:
            self._closed = True
            links = [link for idle in self._idle.values() for link in idle]
            self._idle.clear()
        for link in links:
            link.close()
        self._cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def begun(
    link: Link, limits: Limits, environment: Mapping[str, str], kernel: bool | None
) -> tuple[Link, Process]:
    """Start a process in this sandbox; ``kernel`` says what kind of notebook it is to run, if any."""
    try:
        if kernel is not None:
            link.prepare(kernel=kernel)
        return link, Process(link, limits, environment)
    except BaseException:
        link.close()
        raise


def request_of(call: Call) -> dict[str, Any]:
    """Return a call as the bridge carries it."""
    return {
        "do": "call",
        "entry": call.entry,
        "args": list(call.args),
        "kwargs": dict(call.kwargs),
        "seed": call.seed,
        "environment": dict(call.environment),
        "noting": None if call.noting is None else dict(call.noting),
    }


def request_of_notebook(notebook: Notebook) -> dict[str, Any]:
    """Return a notebook's run as the bridge carries it."""
    return {
        "do": "notebook",
        "path": notebook.path,
        "files": dict(notebook.files),
        "seed": notebook.seed,
        "kernel": notebook.kernel,
        "environment": dict(notebook.environment),
    }
