"""Decode: the body of a frame into values, or a refusal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from unfit.errors import WireError
from unfit.wire.encode import DEPTH, HEAD, SCALARS

if TYPE_CHECKING:
    from unfit.wire.handles import Handles

__all__ = ["decode", "simple"]


def decode(data: bytes, *, handles: Handles | None = None) -> Any:
    """Decode the body of a frame.

    Parameters
    ----------
    data : bytes
        What `encode` made, or what somebody pretends it made.
    handles : Handles, optional
        What makes objects from references; without it they are refused.

    Raises
    ------
    WireError
        For anything that is not exactly such a body.
    """
    try:
        return _decode(data, handles)
    except WireError:
        raise
    except Exception as error:  # whatever a library makes of hostile bytes, it means one thing here
        raise WireError(f"not a frame of plain data: {type(error).__name__}: {str(error)[:200]}") from error


def simple(data: bytes, *, longest: int = 1 << 20) -> bool:
    """Whether a body is short and holds JSON alone.

    What that unpacks to is bounded by its length, and no library but Python's own reads it.
    """
    return (
        len(data) <= longest
        and len(data) == 4 + int.from_bytes(data[:4], "big")
        and data.endswith(b'"b":[]}')
    )


def _decode(data: bytes, handles: Handles | None) -> Any:
    (length,) = HEAD.unpack_from(data)
    start = HEAD.size + length
    if start > len(data):
        raise WireError("a body that ends before its head does")
    text = data[HEAD.size : start].decode()
    document = json.loads(text)
    if "\\u" in text:
        text.encode("utf-8")
        json.dumps(document, ensure_ascii=False).encode()  # an escape may hide half a surrogate pair
    if type(document) is not dict or document.keys() != {"v", "b"}:
        raise WireError("a head that is none")
    blobs = []
    view = memoryview(data)
    for size in document["b"]:
        if type(size) is not int or not 0 <= size <= len(data) - start:
            raise WireError("a body whose parts do not add up")
        blobs.append(view[start : start + size])
        start += size
    if start != len(data):
        raise WireError("a body with bytes left over")
    return Reader(blobs, handles).node(document["v"], 0)


class Reader:
    """Turn JSON nodes back into values."""

    def __init__(self, blobs: list[memoryview], handles: Handles | None) -> None:
        self.blobs = blobs
        self.handles = handles

    def node(self, node: Any, depth: int) -> Any:
        """Return the value of a node."""
        if type(node) in SCALARS:
            return node
        if depth >= DEPTH:
            raise WireError(f"nested more than {DEPTH} deep")
        if type(node) is list:
            return [item if type(item) in SCALARS else self.node(item, depth + 1) for item in node]
        if len(node) != 1:
            raise WireError("a node with more than one tag")
        [(tag, content)] = node.items()
        read = TAGS.get(tag) or bulky(tag)
        if read is None:
            raise WireError(f"a node with unknown tag {tag[:20]!r}")
        return read(self, content, depth)

    def blob(self, number: Any) -> memoryview:
        """Return the bulk that a number stands for."""
        if type(number) is not int or not 0 <= number < len(self.blobs):
            raise WireError("a reference to bulk that is not there")
        return self.blobs[number]

    def mapping(self, content: Any, depth: int) -> dict[Any, Any]:
        """Read a dictionary."""
        keys, values = content
        if type(keys) is not list or type(values) is not list or len(keys) != len(values):
            raise WireError("a dictionary whose keys and values do not match")
        read = {
            self.key(key, depth + 1): value if type(value) in SCALARS else self.node(value, depth + 1)
            for key, value in zip(keys, values, strict=True)
        }
        if len(read) != len(keys):
            raise WireError("a dictionary with a key twice")
        return read

    def records(self, content: Any, depth: int) -> list[dict[str, Any]]:
        """Read records with the same keys."""
        if depth >= DEPTH - 1:
            raise WireError(f"nested more than {DEPTH} deep")
        names, rows = content
        if type(names) is not list or type(rows) is not list or set(map(type, names)) != {str}:
            raise WireError("records without names")
        if len(set(names)) != len(names):
            raise WireError("a dictionary with a key twice")
        if set(map(type, rows)) != {list} or set(map(len, rows)) != {len(names)}:
            raise WireError("records whose names and values do not match")
        if not SCALARS.issuperset(map(type, chain.from_iterable(rows))):
            raise WireError("records that hold more than scalars")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def key(self, key: Any, depth: int) -> Any:
        """Read a key."""
        if type(key) is dict and key.keys() == {"k"}:
            if depth >= DEPTH:
                raise WireError(f"nested more than {DEPTH} deep")
            return tuple(self.key(part, depth + 1) for part in key["k"])
        return self.node(key, depth)

    def cells(self, cells: Any, depth: int) -> list[Any]:
        """Read the cells of a mixed column, or labels."""
        if type(cells) is not list:
            raise WireError("a column that is none")
        return [self.node(cell, depth) for cell in cells]

    def handle(self, content: Any, depth: int) -> Any:
        """Make the object of a reference."""
        if self.handles is None:
            raise WireError("a reference where none may be")
        return self.handles.resolve(self.node(content, depth + 1))


def moment(_: Reader, content: Any, depth: int) -> dt.datetime:
    """Read a datetime."""
    del depth
    text, zone, fold = content
    value = dt.datetime.fromisoformat(text).replace(fold=fold)
    return value if zone is None else value.replace(tzinfo=ZoneInfo(zone))


def whole(count: Any) -> int:
    """Return an integer that is one."""
    if type(count) is not int:
        raise WireError("a count that is none")
    return count


def delta(_: Reader, content: Any, depth: int) -> dt.timedelta:
    """Read a time difference."""
    del depth
    days, seconds, microseconds = content
    return dt.timedelta(days=whole(days), seconds=whole(seconds), microseconds=whole(microseconds))


def bulky(tag: str) -> Callable[[Reader, Any, int], Any] | None:
    """Return what reads a node of bulk; the libraries for that are imported with the first."""
    from unfit.wire import bulk  # noqa: PLC0415  (see there)

    return bulk.TAGS.get(tag)


TAGS: Final[dict[str, Callable[[Reader, Any, int], Any]]] = {
    "d": Reader.mapping,
    "r": Reader.records,
    "y": lambda reader, content, _: bytes(reader.blob(content)),
    "h": Reader.handle,
    "date": lambda _, content, __: dt.date.fromisoformat(content),
    "time": lambda _, content, __: dt.time.fromisoformat(content),
    "datetime": moment,
    "delta": delta,
}
