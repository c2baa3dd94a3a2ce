"""A worker that answers from a table, for tests of what asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from unfit.sandbox import Call, Environment, Fault, Notebook, Reply, Usage

Answer = Callable[..., Any]


@dataclass
class _Answering:
    """A function answers each entry; a Fault that it returns is one."""

    table: Mapping[str, Answer] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def call(self, call: Call) -> Reply:
        self.calls.append(call)
        value = self.table[call.entry](*call.args, **call.kwargs)
        usage = Usage(cpu=0.5)
        return Reply(fault=value, usage=usage) if isinstance(value, Fault) else Reply(value, usage=usage)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> Any:
        """End."""


@dataclass
class Sitting(_Answering):
    """A session that answers from the table of its worker."""

    closed: int = 0

    def value(self, name: str) -> Reply:
        return self.call(Call(name))

    def close(self) -> Usage:
        self.closed += 1
        return Usage()


@dataclass
class Answers(_Answering):
    """A worker that answers from a table and remembers what it was asked."""

    sessions: list[Sitting] = field(default_factory=list)

    def session(self, **_: Any) -> Sitting:
        self.sessions.append(Sitting(self.table, self.calls))
        return self.sessions[-1]

    def notebook(self, notebook: Notebook) -> tuple[Sitting, Reply]:
        return self.session(), self.call(Call(notebook.path, args=(notebook,)))

    def close(self) -> None:
        for session in self.sessions:
            session.close()


@dataclass
class Desk:
    """A backend whose worker answers from a table."""

    table: Mapping[str, Answer]
    obstacles: tuple[str, ...] = ()
    name: str = "desk"
    protected: bool = False
    opened: list[Answers] = field(default_factory=list)

    def check(self) -> Sequence[str]:
        return self.obstacles

    def open(self, submission: Path, environment: Environment, *, paths: Sequence[str] = ()) -> Answers:
        assert submission.is_dir()
        assert environment.digest
        assert paths
        self.opened.append(Answers(self.table))
        return self.opened[-1]
