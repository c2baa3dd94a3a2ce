"""A fake: the backend's protocol inside the grader's own process, for tests of what lies above it.

It confines nothing and limits nothing. What crosses is encoded and decoded as on the real bridge, so that plain data
stays plain.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from unfit import wire
from unfit.sandbox.protocol import (
    Call,
    Environment,
    Fault,
    FaultKind,
    Limits,
    Notebook,
    Reply,
    Session,
    Usage,
    Worker,
)

__all__ = ["Fake"]


class Fake:
    """Run submissions in this process; only ever trusted ones.

    Parameters
    ----------
    problems : sequence of str, default=()
        What `check` is to find.
    """

    name = "fake"
    protected = False

    def __init__(self, problems: Sequence[str] = ()) -> None:
        self.problems = problems

    def check(self) -> Sequence[str]:
        """Name what the fake was told stands in the way."""
        return self.problems

    def open(
        self, submission: Path, environment: Environment, *, paths: Sequence[str] = ("src", ".")
    ) -> Worker:
        """Pretend to start a sandbox."""
        del environment
        return FakeWorker(submission.resolve(), [str(submission.resolve() / path) for path in paths])


class FakeWorker:
    """A worker that calls functions where it stands."""

    def __init__(self, root: Path, paths: list[str]) -> None:
        self.root = root
        self.paths = paths

    def call(self, call: Call) -> Reply:
        """Call an entry point with freshly imported modules."""
        with self.session() as session:
            return session.call(call)

    def session(
        self,
        *,
        limits: Limits | None = None,
        seed: int = 0,
        hash_seed: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> Session:
        """Keep modules over several calls."""
        del limits, seed, hash_seed, environment
        return FakeSession(self.root, self.paths)

    def notebook(self, notebook: Notebook) -> tuple[Session, Reply]:
        """Execute the code cells one after the other; no magics."""
        session = FakeSession(self.root, self.paths)
        return session, session.run(notebook)

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


class FakeSession:
    """Modules and folders that live as long as the session."""

    def __init__(self, root: Path, paths: list[str]) -> None:
        self.root = root
        self.paths = paths
        self.modules: dict[str, Any] = {}
        self.space: dict[str, Any] = {"__name__": "__main__"}
        self.scratch = tempfile.TemporaryDirectory(prefix="unfit-fake-")
        self.handles: dict[str, wire.Folder | wire.Double] = {}

    def call(self, call: Call) -> Reply:
        """Call an entry point, or a function of the notebook."""

        def act() -> Any:
            np.random.seed(call.seed % 2**32)  # noqa: NPY002  (what the real worker does)
            random.seed(call.seed)
            args = wire.decode(wire.encode([list(call.args), dict(call.kwargs)], handles=self), handles=self)
            return self._function(call.entry)(*args[0], **args[1])

        return self._reply(act)

    def _function(self, entry: str) -> Callable[..., Any]:
        module, _, name = entry.rpartition(":")
        found: Callable[..., Any] = (
            getattr(importlib.import_module(module), name) if module else self.space[name]
        )
        return found

    def value(self, name: str) -> Reply:
        """Fetch a variable of the notebook."""
        return self._reply(lambda: self.space[name])

    def run(self, notebook: Notebook) -> Reply:
        """Execute a notebook's code cells."""
        raw = notebook.files.get(notebook.path) or (self.root / notebook.path).read_bytes()
        sources = [
            "".join(cell["source"]) for cell in json.loads(raw)["cells"] if cell["cell_type"] == "code"
        ]
        place = Path(self.scratch.name, "project")
        for path, data in {**self._files(), **notebook.files}.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)

        def act() -> None:
            with contextlib.chdir((place / notebook.path).parent):
                for source in sources:
                    exec(source, self.space)

        return self._reply(act)

    def _files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def refer(self, handle: wire.Folder | wire.Double) -> dict[str, Any]:
        """Keep a handle for `resolve`."""
        self.handles[str(id(handle))] = handle
        return {"handle": str(id(handle))}

    def resolve(self, reference: dict[str, Any]) -> Any:
        """Make a folder of a folder; a double answers in person."""
        handle = self.handles[reference["handle"]]
        if isinstance(handle, wire.Double):
            return handle.target
        place = Path(self.scratch.name, reference["handle"])
        place.mkdir(exist_ok=True)
        for path, data in handle.files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)
        return str(place)

    def _capture(self) -> None:
        for name, handle in self.handles.items():
            if isinstance(handle, wire.Folder) and handle.open:
                place = Path(self.scratch.name, name)
                handle.files = {
                    str(path.relative_to(place)): path.read_bytes()
                    for path in place.rglob("*")
                    if path.is_file()
                }

    def _reply(self, act: Callable[[], Any]) -> Reply:
        out, err = io.StringIO(), io.StringIO()
        with self._entered(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                value, fault = wire.decode(wire.encode(act(), lenient=True)), None
            except wire.NotPlain as error:
                value, fault = (
                    None,
                    Fault(FaultKind.VALUE, f"{error.told('result')}, which is not plain data"),
                )
            except Exception as error:  # noqa: BLE001  (whatever a submission raises is the answer)
                value, fault = None, self._fault(error)
        self._capture()
        return Reply(value, fault, out.getvalue(), err.getvalue())

    def _fault(self, error: Exception) -> Fault:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(str(self.root))]
        where = (
            f"{Path(own[-1].filename).relative_to(self.root)}:{own[-1].lineno} in {own[-1].name}"
            if own
            else ""
        )
        return Fault(
            FaultKind.RAISED,
            f"{type(error).__name__}: {error}",
            where,
            "".join(traceback.format_exception(error)),
        )

    @contextlib.contextmanager
    def _entered(self) -> Iterator[None]:
        """Make the submission importable, and take its modules out again."""
        before = set(sys.modules)
        path, flag = list(sys.path), sys.dont_write_bytecode
        sys.path[:0], sys.dont_write_bytecode = self.paths, True
        sys.modules.update(self.modules)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path[:], sys.dont_write_bytecode = path, flag
            for place in [place for place in sys.path_importer_cache if place.startswith(str(self.root))]:
                del sys.path_importer_cache[
                    place
                ]  # else every later call would look at every earlier submission
            for name in set(sys.modules) - before:
                module = sys.modules[name]
                if str(getattr(module, "__file__", None) or "").startswith(str(self.root)):
                    self.modules[name] = sys.modules.pop(name)

    def close(self) -> Usage:
        """Forget everything."""
        self.scratch.cleanup()
        return Usage()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()
