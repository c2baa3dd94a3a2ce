"""Recorded answers of a right solution, played back with one value changed: whatever comes, a grade is written."""

from __future__ import annotations

import copy
import math
import pickle
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd

from unfit.sandbox import Call, Notebook, Reply, Usage, Worker
from unfit.wire import Folder

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**62, 2**63, -(2**63), 10**400, 10**4000),
    *(0.0, -0.0, 5e-324, 1e308, -1e308, math.nan, math.inf, -math.inf),
    *("", " ", "nan", "0", "\0", "x" * 10_000, "\u202eevil", "2024-01-01", b"", b"\xff"),
    *([], [[]], {}, {"": None}, [None], [1, "a"], {"id": 1}),
    *(
        pd.NaT,
        pd.NA,
        pd.Timestamp("2024-01-01", tz="UTC"),
        pd.Timedelta(1),
        np.float32(1.5),
        np.zeros((2, 0)),
    ),
    *(pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame({"id": ["a", "a"]}), pd.Series([1.0])),
)
"""Values that no check expects."""


def mutated(value: Any, rng: random.Random) -> Any:
    """Change one thing in a copy of a value: a leaf, a row, a name, an order, or the whole."""
    parts = _parts(value)
    if not parts or rng.random() < 0.1:
        return copy.deepcopy(rng.choice(STRANGE))
    change = rng.choice([_leaf, _leaf, _leaf, *_SHAPES])
    return change(value, rng)


def _parts(value: Any) -> int:
    return len(value) if isinstance(value, dict | list | tuple | pd.DataFrame | np.ndarray) else 0


def _leaf(value: Any, rng: random.Random) -> Any:
    """Walk down to something small, and replace it."""
    if not _parts(value):
        return copy.deepcopy(rng.choice(STRANGE))
    if isinstance(value, dict):
        key = rng.choice(list(value))
        return {**value, key: _leaf(value[key], rng)}
    if isinstance(value, pd.DataFrame):
        if not value.size:
            return copy.deepcopy(rng.choice(STRANGE))
        column, strange = rng.randrange(value.shape[1]), copy.deepcopy(rng.choice(STRANGE))
        cells = value.iloc[:, column].astype(object).tolist()
        cells[rng.randrange(len(cells))] = strange
        series = pd.Series(cells, dtype=object, index=value.index, name=value.columns[column])
        kept = [value.iloc[:, at] if at != column else series for at in range(value.shape[1])]
        return pd.concat(kept, axis=1)
    if isinstance(value, np.ndarray):
        if not value.size:
            return []
        changed = value.astype(object).copy()
        changed.flat[rng.randrange(changed.size)] = rng.choice(STRANGE[:19])
        return changed.tolist()
    at = rng.randrange(len(value))
    return [*value[:at], _leaf(value[at], rng), *value[at + 1 :]]


def _rows(change: Callable[[list[int], random.Random], list[int]]) -> Callable[[Any, random.Random], Any]:
    """Make a change of which rows there are, in a table or a list, at any depth."""

    def changed(value: Any, rng: random.Random) -> Any:
        if isinstance(value, dict) and value:
            key = rng.choice(list(value))
            return {**value, key: changed(value[key], rng)}
        order = change(list(range(_parts(value))), rng) if not isinstance(value, dict) else []
        if isinstance(value, pd.DataFrame):
            return value.iloc[order]
        if isinstance(value, np.ndarray):
            return value[order]
        return [value[at] for at in order] if isinstance(value, list | tuple) else value

    return changed


def _renamed(value: Any, rng: random.Random) -> Any:
    """Rename or drop a field or a column, at any depth."""
    if isinstance(value, pd.DataFrame) and value.shape[1]:
        column = rng.choice(list(value.columns))
        if rng.random() < 0.5:
            return value.drop(columns=column)
        return value.rename(columns={column: rng.choice([f"{column}_", "", 7, *value.columns])})
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        if rng.random() < 0.5:
            return {**value, key: _renamed(value[key], rng)}
        return {("renamed" if name == key else name): part for name, part in value.items()}
    if isinstance(value, list) and value:
        at = rng.randrange(len(value))
        return [*value[:at], _renamed(value[at], rng), *value[at + 1 :]]
    return value


_SHAPES: tuple[Callable[[Any, random.Random], Any], ...] = (
    _rows(lambda _, __: []),
    _rows(lambda order, _: order[:1]),
    _rows(lambda order, _: [*order, *order[-1:]]),
    _rows(lambda order, rng: rng.choices(order, k=len(order)) if order else order),
    _rows(lambda order, rng: rng.sample(order, len(order))),
    _rows(lambda order, _: order[:-1]),
    _renamed,
)


@dataclass
class Tape:
    """What was answered, by question, in order; folders with what was written into them."""

    replies: dict[str, list[tuple[Reply, bytes, list[dict[str, bytes]]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def names(self) -> list[tuple[str, int]]:
        """List every answer that has a value."""
        return [
            (name, at)
            for name, replies in self.replies.items()
            for at, (reply, *_) in enumerate(replies)
            if reply.fault is None
        ]


class Recorder:
    """A worker that hands everything on and writes every answer down."""

    def __init__(self, worker: Any, tape: Tape) -> None:
        self._worker = worker
        self._tape = tape

    def call(self, call: Call) -> Reply:
        return self._taken(call.entry, self._worker.call(call), call)

    def value(self, name: str) -> Reply:
        return self._taken(f"value {name}", self._worker.value(name))

    def session(self, **options: Any) -> Recorder:
        return Recorder(self._worker.session(**options), self._tape)

    def notebook(self, notebook: Notebook) -> tuple[Recorder, Reply]:
        session, reply = self._worker.notebook(notebook)
        return Recorder(session, self._tape), self._taken(notebook.path, reply)

    def close(self) -> Any:
        return self._worker.close()

    def _taken(self, name: str, reply: Reply, call: Call | None = None) -> Reply:
        folders = [dict(folder.files) for folder in folders_of(call)]
        self._tape.replies[name].append((replace(reply, value=None), pickle.dumps(reply.value), folders))
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def folders_of(call: Call | None) -> list[Folder]:
    """List the folders that a call is given."""
    if call is None:
        return []
    return [part for part in [*call.args, *call.kwargs.values()] if isinstance(part, Folder)]


class Player:
    """A worker that plays a tape, with one answer changed.

    Parameters
    ----------
    tape : Tape
    changed : tuple of str and int
        Which answer.
    rng : Random
        Draws the change.
    """

    def __init__(self, tape: Tape, changed: tuple[str, int], rng: random.Random) -> None:
        self._tape = tape
        self._changed = changed
        self._rng = rng
        self._at: dict[str, int] = defaultdict(int)

    def call(self, call: Call) -> Reply:
        return self._next(call.entry, call)

    def value(self, name: str) -> Reply:
        return self._next(f"value {name}")

    def session(self, **_: Any) -> Player:
        return self

    def notebook(self, notebook: Notebook) -> tuple[Player, Reply]:
        return self, self._next(notebook.path)

    def close(self) -> Usage:
        return Usage()

    def _next(self, name: str, call: Call | None = None) -> Reply:
        replies = self._tape.replies.get(name)
        if not replies:
            return Reply(None)
        at = self._at[name]
        self._at[name] += 1
        reply, pickled, contents = replies[min(at, len(replies) - 1)]
        for folder, files in zip(folders_of(call), contents, strict=False):
            folder.files = dict(files)
        value = pickle.loads(pickled)  # a copy, faster than copy.deepcopy makes one
        if (name, at) == self._changed and reply.fault is None:
            value = mutated(value, self._rng)
        return replace(reply, value=value)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def recorded(worker: Worker) -> tuple[Recorder, Tape]:
    """Put a recorder before a worker."""
    tape = Tape()
    return Recorder(worker, tape), tape
