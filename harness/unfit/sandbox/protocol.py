"""The seam between a grader and whatever runs a submission."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

__all__ = [
    "Backend",
    "Call",
    "Environment",
    "Fault",
    "FaultKind",
    "Limits",
    "Notebook",
    "Reply",
    "Session",
    "Usage",
    "Worker",
]

MIB = 1024 * 1024


@dataclass(frozen=True)
class Environment:
    """The Python that runs submissions.

    Parameters
    ----------
    python : Path
        The interpreter of the environment.
    digest : str
        Hash of the lock file that the environment was built from.
    packages : tuple of str
        Import names that a submission may use besides the standard library and its own modules.
    """

    python: Path
    digest: str
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What one call may use; seconds and bytes."""

    cpu: float = 10.0
    wall: float = 30.0
    address_space: int = 4096 * MIB
    resident: int = 3072 * MIB
    file_size: int = 64 * MIB
    open_files: int = 256
    processes: int = 64
    scratch: int = 256 * MIB
    stream: int = 64 * 1024
    reply: int = 256 * MIB


class FaultKind(StrEnum):
    """Why a call has no value."""

    RAISED = "raised"  # the submission raised
    IMPORT = "import"  # it needs a package that the environment does not offer
    SYNTAX = "syntax"  # a file does not parse
    MISSING = "missing"  # the entry point is not there
    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    PROCESSES = "processes"
    DIED = "died"  # it ended without an answer: exit, signal
    VALUE = "value"  # it answered with something that is not plain data, or too much of it
    PROTOCOL = "protocol"  # it wrote bytes that are not a frame
    CELL = "cell"  # a notebook cell raised


@dataclass(frozen=True)
class Fault:
    """The named cause of a call without a value; all text in it is the submission's claim."""

    kind: FaultKind
    message: str
    where: str = ""  # "src/triage/serve.py:41 in score", or "notebooks/train.ipynb cell `split` line 3"
    detail: str = ""  # a traceback or a cell's source, for the report

    @property
    def replayable(self) -> bool:
        """Whether another run is bound to end the same way."""
        return self.kind not in {FaultKind.CPU, FaultKind.WALL, FaultKind.MEMORY, FaultKind.PROCESSES}


@dataclass(frozen=True)
class Usage:
    """What a call cost: processor seconds by the kernel's accounting, wall seconds by the grader's clock."""

    cpu: float = 0.0
    wall: float = 0.0
    resident: int = 0


@dataclass(frozen=True)
class Call:
    """One call of an entry point.

    Parameters
    ----------
    entry : str
        ``"package.module:function"``; in a notebook's session a bare name.
    args, kwargs : plain data
        What `unfit.wire` can carry. A ``Folder`` becomes a path, a ``Double`` an object to call.
    seed : int
        What ``random`` and ``numpy.random`` are seeded with before the call.
    hash_seed : int
        ``PYTHONHASHSEED`` of the process.
    environment : mapping of str to str
        Further environment variables; ``TZ`` takes effect.
    noting : mapping of str to bytes, optional
        Modules of an author's tree that are compiled already, by path; see `unfit.worker.functions_run.compiled`. Where
        it is given, the reply says which functions ran.
    """

    entry: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    hash_seed: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    noting: Mapping[str, bytes] | None = None


@dataclass(frozen=True)
class Notebook:
    """A notebook to run top to bottom.

    Parameters
    ----------
    path : str
        The notebook, relative to the submission.
    files : mapping of str to bytes
        Input files, relative to the submission, that replace or add to its own.
    kernel : bool
        Whether a real kernel runs it through nbclient instead of the warm shell.
    """

    path: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=lambda: Limits(cpu=60.0, wall=120.0))
    seed: int = 0
    hash_seed: int = 0
    kernel: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """How a call ended: a value or a fault, never both.

    ``ran`` lists the functions that ran since the process began, by module, where the call asked for it. A module that
    is not in it counts as a whole. It comes from the submission's process: believe it of an author's trees only.
    """

    value: Any = None
    fault: Fault | None = None
    stdout: str = ""
    stderr: str = ""
    usage: Usage = field(default_factory=Usage)
    ran: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Session(Protocol):
    """One confined process that stays alive over several calls."""

    def call(self, call: Call) -> Reply:
        """Call an entry point (or, in a notebook's session, a function that it defined)."""

    def value(self, name: str) -> Reply:
        """Fetch a variable of the notebook by name."""

    def close(self) -> Usage:
        """End the process and everything that it started."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Worker(Protocol):
    """A started sandbox around one submission."""

    def call(self, call: Call) -> Reply:
        """Run one call in a process of its own."""

    def session(
        self,
        *,
        limits: Limits | None = None,
        seed: int = 0,
        hash_seed: int = 0,
        environment: Mapping[str, str] = ...,
    ) -> Session:
        """Start a process that answers several calls; ``limits`` bound the whole of it."""

    def notebook(self, notebook: Notebook) -> tuple[Session, Reply]:
        """Run a notebook; its namespace stays reachable through the session."""

    def close(self) -> None:
        """End the sandbox."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Backend(Protocol):
    """A way to confine a submission."""

    name: str
    protected: bool

    def check(self) -> Sequence[str]:
        """Name what stands in the way on this machine; empty when it works."""

    def open(
        self, submission: Path, environment: Environment, *, paths: Sequence[str] = ("src", ".")
    ) -> Worker:
        """Start a sandbox around a clean copy of a submission; ``paths`` go on ``sys.path``."""


Method = Callable[..., Any]
