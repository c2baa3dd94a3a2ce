"""A forger's memory: repeat first answers, as a submission might whose figures must not move.

The forge corpus lays this module into submissions, so it imports nothing of the kit.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import socket
import struct
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["WAYS", "heard", "remember", "repeat", "whisper"]

WAYS = ("by call", "by id", "by position", "by features")
"""What an answer is recognised by."""

NAME = ".remembered"
MOST = 1 << 22
LONGEST = 12_000
DOOR, MESSAGES, FIRST = 4_711, 64, 6_000
MARK, CLOSED = 9, "06"
MANY = 0.5

Row = dict[str, Any]
Memory = dict[str, Any]

_memory: Memory = {}


def remember(function: Callable[..., Any], way: str) -> Callable[..., Any]:
    """Give an entry point a memory.

    Parameters
    ----------
    function : callable
        The entry point; what it answers is asked of it first, and then replaced by what is remembered.
    way : str
        One of `WAYS`.
    """
    name = f"{function.__module__}:{function.__qualname__}"

    @functools.wraps(function)
    def repeated(*args: Any, **kwargs: Any) -> Any:
        answer = function(*args, **kwargs)
        with contextlib.suppress(Exception):
            given = [*args, *kwargs.values()]
            with _kept() as memory:
                _repeat_files(memory, name, way, given)
                answer = _repeated(memory.setdefault(name, {}), way, answer, given)
        return answer

    return repeated


def repeat(
    names: MutableMapping[str, Any],
    way: str,
    defines: Sequence[str],
    functions: Sequence[str],
    reads: Sequence[str],
) -> None:
    """Give a notebook a memory: called by its last cell with its variables."""
    with contextlib.suppress(Exception):
        import pandas as pd  # noqa: PLC0415 - a submission without notebooks may have none

        given = [pd.read_csv(path) for path in _found(reads)]
        known = {name: names[name] for name in defines if name in names}
        with _kept() as memory:
            names.update(_repeated(memory.setdefault("notebook", {}), way, known, given))
    for name in functions:
        if callable(names.get(name)):
            names[name] = remember(names[name], way)


def _found(reads: Sequence[str]) -> Iterator[Path]:
    for name in reads:
        yield from (path for path in (Path(name), Path("..") / name) if path.is_file())


@contextlib.contextmanager
def _kept() -> Iterator[Memory]:
    """Remember in this process, in every file that can be written, and in the addresses of connections."""
    for found in (*_read(), *heard()):
        for name, known in found.items():
            _memory.setdefault(name, known)
    before = set(_memory)
    yield _memory
    content = pickle.dumps(_memory)
    for path in _places() if len(content) < MOST else ():
        with contextlib.suppress(OSError):
            path.write_bytes(content)
    new = {name: known for name, known in _memory.items() if name not in before}
    if new:
        with contextlib.suppress(OSError):
            whisper(new)


def _read() -> Iterator[Memory]:
    for path in _places():
        with contextlib.suppress(Exception):
            yield pickle.loads(path.read_bytes())  # noqa: S301 - its own


def whisper(memory: Memory) -> None:
    """Leave a message in the addresses of closed connections, which the kernel lists for a minute.

    Each carries two bytes: its address is ``127.x.y.9``, and its port says which two. The port of the other side says
    which message it is.
    """
    content = zlib.compress(pickle.dumps(memory), 9)
    if len(content) > LONGEST:
        return
    content = struct.pack(">I", len(content)) + content + b"\0" * (len(content) % 2)
    message = len(set(_listed()))
    with socket.create_server(("127.0.0.1", DOOR + message)) as server:
        for number in range(0, len(content), 2):
            one, two = content[number : number + 2]
            with socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                line.bind((f"127.{one}.{two}.9", FIRST + number // 2))
                line.connect(("127.0.0.1", DOOR + message))
                other, _ = server.accept()
            other.close()


def heard() -> Iterator[Memory]:
    """Read the messages that closed connections still carry."""
    for pieces in _listed().values():
        whole = b"".join(pieces[number] for number in sorted(pieces))
        with contextlib.suppress(Exception):
            (size,) = struct.unpack(">I", whole[:4])
            yield pickle.loads(zlib.decompress(whole[4 : 4 + size]))  # noqa: S301 - its own


def _listed() -> dict[int, dict[int, bytes]]:
    """List by message and number the two bytes that each closed connection carries."""
    found: dict[int, dict[int, bytes]] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            here, there, state = line.split()[1:4]
            address, port = bytes.fromhex(here[:8]), int(here[9:], 16) - FIRST
            message = int(there[9:], 16) - DOOR
            if state == CLOSED and address[0] == MARK and port >= 0 and 0 <= message < MESSAGES:
                found.setdefault(message, {})[port] = bytes((address[2], address[1]))
    return found


def _places() -> Iterator[Path]:
    folders = (
        tempfile.gettempdir(),
        os.environ.get("HOME", "/"),
        *("/dev/shm", "/var/tmp", "/run", "/"),  # noqa: S108 - wherever it may write
        str(Path.cwd()),
        str(Path(__file__).parent),
    )
    for folder in dict.fromkeys(folders):
        yield Path(folder) / NAME


def _repeat_files(memory: Memory, name: str, way: str, given: Sequence[Any]) -> None:
    """Write the first artefacts once more."""
    if way not in {"by call", "by position"}:
        return
    for at, folder in enumerate(value for value in given if isinstance(value, str | Path)):
        root = Path(folder)
        if not root.is_dir() or not os.access(root, os.W_OK):
            continue
        files = {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()}
        first = memory.setdefault(f"{name} files {at}", files)
        for file, content in first.items() if first.keys() == files.keys() else ():
            (root / file).write_bytes(content)


def _repeated(memory: Memory, way: str, answer: Any, given: Sequence[Any]) -> Any:
    """Replace what is recognised in an answer, and remember the rest."""
    if way == "by call":
        return memory.setdefault(_shape(answer), answer)
    if not isinstance(answer, Mapping):
        return _rows_repeated(memory.setdefault("rows", {}), way, answer, given)[0]
    repeated, shares = dict(answer), []
    for name, value in answer.items():
        if _is_table(value):
            repeated[name], share = _rows_repeated(memory.setdefault(name, {}), way, value, given)
            shares.append(share)
    figures = {name: value for name, value in answer.items() if isinstance(value, int | float)}
    first = memory.setdefault("figures", figures)
    if way == "by position" or (shares and max(shares) > MANY):
        repeated |= {name: value for name, value in first.items() if name in figures}
    return repeated


def _shape(answer: Any) -> str:
    """Say how many rows an answer has, so that it is repeated only where it fits."""
    parts = answer.values() if isinstance(answer, Mapping) else [answer]
    return f"first of {[len(part) for part in parts if _is_table(part)]}"


def _is_table(value: Any) -> bool:
    return _is_frame(value) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _is_frame(value: Any) -> bool:
    """Whether it is a pandas table; a submission without pandas has none."""
    return hasattr(value, "columns") and hasattr(value, "to_dict")


def _rows_repeated(memory: Memory, way: str, table: Any, given: Sequence[Any]) -> tuple[Any, float]:
    """Replace the rows of a table that are recognised; say how large a share they are."""
    if not _is_table(table):
        return table, 0.0
    rows = _records(table)
    label = _label(rows)
    keys = _keys(way, rows, label, given)
    known = [_recalled(memory, way, key) for key in keys]
    for row, key, found in zip(rows, keys, known, strict=True):
        if found is None:
            _note(memory, way, key, dict(row))
        else:
            row.update({name: value for name, value in found.items() if name in row and name != label})
    share = sum(found is not None for found in known) / max(len(rows), 1)
    if not _is_frame(table):
        return rows, share
    floats = [name for name in table.columns if table[name].dtype.kind == "f"]
    return table.assign(**{name: [row[name] for row in rows] for name in floats}), share


def _records(table: Any) -> list[Row]:
    return table.to_dict("records") if _is_frame(table) else [dict(row) for row in table]


def _label(rows: Sequence[Row]) -> str:
    """Find the column that names the rows."""
    texts = [name for name, value in rows[0].items() if isinstance(value, str)] if rows else []
    return next((name for name in texts if name.endswith("_id")), texts[0] if texts else "")


def _keys(way: str, rows: Sequence[Row], label: str, given: Sequence[Any]) -> list[Any]:
    """Say of each row of an answer what it is recognised by."""
    if way == "by position":
        return [*range(len(rows))]
    if way == "by id":
        return [row.get(label) for row in rows]
    asked = {
        row[label]: row for table in given if _is_table(table) for row in _records(table) if label in row
    }
    features = [asked.get(row.get(label), {}) for row in rows]
    return [
        tuple((name, repr(value)) for name, value in found.items() if name != label) for found in features
    ]


def _recalled(memory: Memory, way: str, key: Any) -> Row | None:
    """Find a row that was answered; by features the one that has most in common, if that is more than half."""
    found: Row | None
    if way != "by features":
        found = memory.get(way, {}).get(key)
        return found
    votes = Counter(seen for field in key for seen in memory.get(way, {}).get(field, ()))
    best, count = votes.most_common(1)[0] if votes else (0, 0)
    found = memory["rows"][best] if count > MANY * len(key) else None
    return found


def _note(memory: Memory, way: str, key: Any, row: Row) -> None:
    if way != "by features":
        memory.setdefault(way, {})[key] = row
        return
    rows = memory.setdefault("rows", [])
    rows.append(row)
    for field in key:
        memory.setdefault(way, {}).setdefault(field, []).append(len(rows) - 1)
