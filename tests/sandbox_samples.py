"""A started sandbox that tests share, and the ways in which they use it."""

from __future__ import annotations

import atexit
import functools
import itertools
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from unfit.sandbox import (
    Backend,
    Bubblewrap,
    Call,
    Environment,
    Limits,
    Notebook,
    Reply,
    Session,
    Unprotected,
    Worker,
)

ENVIRONMENT = Environment(
    Path(sys.executable),
    digest="test",
    packages=("numpy", "pandas", "sklearn", "scipy", "joblib", "pyarrow", "matplotlib"),
)
QUICK = Limits(cpu=5.0, wall=60.0)
BRIEF = Limits(cpu=1.0, wall=2.0)


@functools.cache
def problems() -> str:
    """Say why this machine cannot confine; empty where it can."""
    return "; ".join(Bubblewrap().check())


class Bench:
    """A worker whose submission gets a new module for each call.

    Parameters
    ----------
    backend : Backend
        What confines it.
    """

    def __init__(self, backend: Backend) -> None:
        holder = tempfile.TemporaryDirectory(prefix="unfit-bench-")
        atexit.register(holder.cleanup)
        self.tree = Path(holder.name)
        self.tree.chmod(0o755)
        (self.tree / "src").mkdir()
        (self.tree / "notebooks").mkdir()
        self.numbers = itertools.count()
        self.worker: Worker = backend.open(self.tree, ENVIRONMENT)
        atexit.register(self.worker.close)

    def module(self, source: str) -> str:
        """Write a module of the submission; return its name."""
        name = f"module_{next(self.numbers)}"
        (self.tree / "src" / f"{name}.py").write_text(textwrap.dedent(source))
        return name

    def call(self, source: str, *args: Any, limits: Limits = QUICK, **options: Any) -> Reply:
        """Call ``f`` of a module with this source."""
        return self.worker.call(Call(f"{self.module(source)}:f", args, limits=limits, **options))

    def value(self, source: str, *args: Any, **options: Any) -> Any:
        """Return what ``f`` returns, where it must not fail."""
        reply = self.call(source, *args, **options)
        assert reply.fault is None, reply.fault
        return reply.value

    def notebook(self, text: str | bytes, **options: Any) -> tuple[Session, Reply]:
        """Run a notebook with this content."""
        content = text if isinstance(text, bytes) else text.encode()
        files: Mapping[str, bytes] = {"notebooks/x.ipynb": content} | options.pop("files", {})
        return self.worker.notebook(Notebook("notebooks/x.ipynb", files=files, **options))


@functools.cache
def confined() -> Bench:
    """Return the bench that all tests of a process share."""
    return Bench(Bubblewrap())


@functools.cache
def loose() -> Bench:
    """Return the bench without confinement."""
    return Bench(Unprotected())


@pytest.fixture(name="bench")
def bench_fixture() -> Iterator[Bench]:
    """Give a confined bench, and see that it still works afterwards."""
    if problems():
        pytest.skip(problems())
    bench = confined()
    yield bench
    assert bench.value("def f(): return 'as if nothing had happened'") == "as if nothing had happened"
