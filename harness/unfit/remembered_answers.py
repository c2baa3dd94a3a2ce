"""Remembered answers: every identical question is asked once, and its answer kept, on disk or for one grade."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import astuple, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from unfit.errors import UnfitError, WireError
from unfit.files import write_atomically
from unfit.sandbox import Call, Fault, FaultKind, Limits, Notebook, Reply, Session, Usage, Worker
from unfit.wire import Double, Folder, decode, encode

__all__ = ["AnswerStore", "Memory", "RememberingWorker", "Store"]


class Unrepeatable(Exception):
    """A question whose answer depends on more than itself."""


class AnswerStore(Protocol):
    """Where answers are kept; where ``noting`` holds modules that are compiled, `put` is told which functions ran."""

    @property
    def noting(self) -> Mapping[str, bytes] | None:
        """What a call is given as ``noting``."""

    def get(self, key: str) -> Any | None:
        """Read an answer; ``None`` where it is not known."""

    def now(self) -> int:
        """Name this moment, for `put` to know since when the answer was worked on."""

    def put(
        self, key: str, answer: Any, *, since: int = 0, ran: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Keep an answer."""


class Memory:
    """Answers for the time of one grade.

    Parameters
    ----------
    most : int, default=1_000
        Answers kept; what comes later is asked each time.
    """

    noting = None

    def __init__(self, most: int = 1_000) -> None:
        self.most = most
        self.kept: dict[str, Any] = {}

    def get(self, key: str) -> Any | None:
        """Read an answer; it is the reader's own."""
        return deepcopy(self.kept.get(key))

    def now(self) -> int:
        """Say nothing: whenever an answer was worked on, it is the same."""
        return 0

    def put(
        self, key: str, answer: Any, *, since: int = 0, ran: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Keep an answer as it is now."""
        del since, ran
        if len(self.kept) < self.most:
            self.kept[key] = deepcopy(answer)


class Store:
    """Answers on disk, by key; what cannot be read counts as not there.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    most : int, default=4 GiB
        Bytes that `prune` leaves.
    """

    noting = None

    def __init__(self, folder: Path, *, most: int = 4 << 30) -> None:
        self.folder = folder
        self.most = most

    def get(self, key: str) -> Any | None:
        """Read an answer, and mark it as used."""
        path = self._path(key)
        try:
            answer = decode(zlib.decompress(path.read_bytes()))
            os.utime(path)
        except (OSError, zlib.error, WireError):
            return None
        return answer

    def now(self) -> int:
        """Say nothing: whenever an answer was worked on, it is the same."""
        return 0

    def put(
        self, key: str, answer: Any, *, since: int = 0, ran: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Keep an answer; one that is not plain data, or for which there is no room, is not kept."""
        del since, ran
        path = self._path(key)
        with contextlib.suppress(OSError, UnfitError):
            content = zlib.compress(encode(answer), 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content, lasting=False)

    def prune(self) -> None:
        """Drop what was not used for longest until the rest fits."""
        found = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                facts = path.stat()
                found.append((facts.st_mtime, facts.st_size, path))
        room = self.most
        for _, size, path in sorted(found, reverse=True):
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]


class _Described:
    """Folders by content while a question is written down; a double makes it unrepeatable."""

    def refer(self, handle: Folder | Double) -> dict[str, Any]:
        if isinstance(handle, Double):
            raise Unrepeatable
        return {"folder": dict(sorted(handle.files.items())), "open": handle.open}

    def resolve(self, reference: dict[str, Any]) -> Any:
        raise NotImplementedError


class RememberingWorker:
    """A worker that asks the one behind it only what was never asked before.

    Parameters
    ----------
    start : callable
        Starts the sandbox; not called while every answer is known.
    store : AnswerStore or None
        Nothing is kept without one.
    about : str
        All that the answers depend on besides what the store itself sees to: the tree, the environment, the backend,
        the kit's worker.
    only : int, optional
        Keep only what is asked under this seed, and hand everything else on as it is.

    Attributes
    ----------
    asked : set of str
        Entry points, notebooks and functions of notebooks that were reached, where everything is kept.

    Notes
    -----
    Asked twice within one check, a question is two: a pair of runs must be a pair. Calls with doubles, calls that
    a limit ended, and sessions that write into folders are never kept. What was asked before costs nothing.
    """

    def __init__(
        self,
        start: Callable[[], Worker],
        store: AnswerStore | None,
        *,
        about: str = "",
        only: int | None = None,
    ) -> None:
        self.asked: set[str] = set()
        self._start = start
        self._store = store
        self._about = about
        self._only = only
        self._paid: set[str] = set()
        self._worker: Worker | None = None
        self._repeats: Counter[str] = Counter()

    def begin(self) -> None:
        """Begin another check: its first question of a kind is a first one again."""
        self._repeats.clear()

    def call(self, call: Call) -> Reply:
        """Run one call in a process of its own, or read how it ended."""
        self.asked.add(call.entry)
        if not self._keeps(call.seed):
            return self.worker.call(call)
        try:
            key = self.key("call", _call(call), encode([call.args, dict(call.kwargs)], handles=_Described()))
        except (Unrepeatable, WireError):
            return self.worker.call(call)
        folders = _folders([call.args, dict(call.kwargs)])
        kept = self.get(key)
        if kept is not None:
            for folder, content in zip(folders, kept["folders"], strict=True):
                folder.files, folder.held = (dict(files) for files in content)
            return self.reply(key, kept)
        since = self.now()
        reply = self.worker.call(self.noted(call))
        self.put(key, reply, since=since, folders=[(folder.files, folder.held) for folder in folders])
        return reply

    def session(
        self,
        *,
        limits: Limits | None = None,
        seed: int = 0,
        hash_seed: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> Session:
        """Start a process that answers several calls, as soon as an answer is not known."""
        options: dict[str, Any] = {
            "limits": limits,
            "seed": seed,
            "hash_seed": hash_seed,
            "environment": dict(environment or {}),
        }
        if not self._keeps(seed):
            return self.worker.session(**options)
        key = self.key("session", options | {"limits": astuple(limits) if limits else None})
        return _Remembered(self, key, lambda: self.worker.session(**options))

    def notebook(self, notebook: Notebook) -> tuple[Session, Reply]:
        """Run a notebook, or read how that ended; its namespace is made when it is first needed."""
        self.asked.add(notebook.path)
        if not self._keeps(notebook.seed):
            return self.worker.notebook(notebook)
        facts = astuple(replace(notebook, files={}, environment={}))
        content = encode([dict(sorted(notebook.files.items())), dict(sorted(notebook.environment.items()))])
        key = self.key("notebook", facts, content)
        kept = self.get(key)
        if kept is not None:
            return _Remembered(self, key, lambda: self.worker.notebook(notebook)[0]), self.reply(key, kept)
        since = self.now()
        session, reply = self.worker.notebook(notebook)
        self.put(key, reply, since=since)
        return _Remembered(self, key, lambda: session, started=(session, since)), reply

    def close(self) -> None:
        """End the sandbox, if it was started."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    @property
    def worker(self) -> Worker:
        """The real one, started when it is first needed."""
        if self._worker is None:
            self._worker = self._start()
        return self._worker

    def key(self, kind: str, facts: Any, content: bytes = b"") -> str:
        """Name a question; asked again within one check it has another name."""
        whole = hashlib.sha256(f"{self._about}\0{kind}\0{facts!r}\0".encode())
        whole.update(content)
        name = whole.hexdigest()
        self._repeats[name] += 1
        return hashlib.sha256(f"{name} {self._repeats[name]}".encode()).hexdigest()

    def get(self, key: str) -> Any | None:
        """Read a known answer."""
        return None if self._store is None else self._store.get(key)

    def reply(self, key: str, kept: Any) -> Reply:
        """Return a kept answer as it came, at its price the first time only."""
        reply = _reply(kept)
        if key in self._paid:
            reply = replace(reply, usage=Usage())
        self._paid.add(key)
        return reply

    def noted(self, call: Call) -> Call:
        """Have a call say which functions ran, where the store wants to know."""
        return call if self._store is None else replace(call, noting=self._store.noting)

    def _keeps(self, seed: int) -> bool:
        return self._only is None or seed == self._only

    def now(self) -> int:
        """Name this moment."""
        return 0 if self._store is None else self._store.now()

    def put(self, key: str, reply: Reply, *, since: int, folders: Any = ()) -> None:
        """Keep an answer that another run is bound to give again."""
        self._paid.add(key)
        if self._store is not None and (reply.fault is None or reply.fault.replayable):
            self._store.put(key, _kept(reply, list(folders)), since=since, ran=reply.ran)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Remembered:
    """A session that is known by its whole history and started at the first unknown answer."""

    def __init__(
        self,
        questions: RememberingWorker,
        key: str,
        start: Callable[[], Session],
        *,
        started: tuple[Session | None, int] = (None, 0),
    ) -> None:
        self._questions = questions
        self._key = key
        self._start = start
        self._session, self._since = started
        self._history: list[Callable[[Session], Reply]] = []
        self._own = False

    def call(self, call: Call) -> Reply:
        """Call an entry point, or read how that call ended after the same history."""
        self._questions.asked.add(call.entry)
        parts = [call.args, dict(call.kwargs)]
        step = b""
        with contextlib.suppress(Unrepeatable, WireError):
            self._own = self._own or any(folder.open for folder in _folders(parts))
            step = b"" if self._own else encode(parts, handles=_Described())
        if self._own or not step:
            self._own = True
            return self._live().call(call)
        as_asked = self._questions.noted(call)
        if self._session is None:  # a later replay needs it as it is now; a running session is never replayed
            as_asked = replace(as_asked, args=deepcopy(call.args), kwargs=deepcopy(dict(call.kwargs)))
        return self._step(lambda session: session.call(as_asked), f"call {_call(call)!r}".encode() + step)

    def value(self, name: str) -> Reply:
        """Fetch a variable of the notebook, or read what it was."""
        self._questions.asked.add(name)
        if self._own:
            return self._live().value(name)
        key = self._after(f"value {name}".encode())  # reading changes nothing: the history stays as it is
        kept = self._questions.get(key)
        if kept is not None:
            return self._questions.reply(key, kept)
        reply = self._live().value(name)
        self._questions.put(key, reply, since=self._since)
        return reply

    def close(self) -> Usage:
        """End the process, if it was started."""
        if self._session is None:
            return Usage()
        session, self._session = self._session, None
        return session.close()

    def _step(self, ask: Callable[[Session], Reply], step: bytes) -> Reply:
        self._key = self._after(step)
        kept = self._questions.get(self._key)
        if kept is not None:
            self._history.append(ask)
            return self._questions.reply(self._key, kept)
        reply = ask(self._live())
        self._questions.put(self._key, reply, since=self._since)
        return reply

    def _after(self, step: bytes) -> str:
        return hashlib.sha256(self._key.encode() + step).hexdigest()

    def _live(self) -> Session:
        """Start the real session and bring it to where the remembered one stands."""
        if self._session is None:
            self._since = self._questions.now()
            self._session = self._start()
        history, self._history = self._history, []
        for ask in history:
            ask(self._session)
        return self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _call(call: Call) -> tuple[Any, ...]:
    environment = sorted(call.environment.items())
    return call.entry, astuple(call.limits), call.seed, call.hash_seed, environment


def _folders(value: Any) -> list[Folder]:
    """Every folder in a value, in order, each once."""
    found: dict[int, Folder] = {}

    def look(part: Any) -> None:
        if isinstance(part, Folder):
            found.setdefault(id(part), part)
        elif isinstance(part, Mapping):
            for item in part.values():
                look(item)
        elif isinstance(part, list | tuple):
            for item in part:
                look(item)

    look(value)
    return list(found.values())


def _kept(reply: Reply, folders: list[tuple[dict[str, bytes], dict[str, bytes]]]) -> dict[str, Any]:
    fault, usage = reply.fault, reply.usage
    return {
        "value": reply.value,
        "fault": None if fault is None else [fault.kind.value, fault.message, fault.where, fault.detail],
        "streams": [reply.stdout, reply.stderr],
        "usage": [usage.cpu, usage.wall, usage.resident],
        "folders": [[dict(files) for files in content] for content in folders],
    }


def _reply(kept: dict[str, Any]) -> Reply:
    fault = None
    if kept["fault"] is not None:
        kind, *words = kept["fault"]
        fault = Fault(FaultKind(kind), *words)
    stdout, stderr = kept["streams"]
    return Reply(kept["value"], fault, stdout, stderr, Usage(*kept["usage"]))
