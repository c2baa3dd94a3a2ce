"""Encode: values into the body of a frame."""

from __future__ import annotations

import datetime as dt
import enum
import json
import os
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from unfit.errors import WireError
from unfit.wire.handles import Double, Folder

if TYPE_CHECKING:
    from unfit.wire.handles import Handles

__all__ = ["DEPTH", "HEAD", "NotPlain", "encode"]

DEPTH: Final = 64
HEAD: Final = struct.Struct(">I")
SCALARS: Final = frozenset({type(None), bool, int, float, str})


class NotPlain(WireError):
    """A value holds something that is not plain data.

    Parameters
    ----------
    what : str
        What is wrong with it, continuing a sentence that begins with its place: "is a Foo".
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.place: list[str] = []

    def told(self, name: str) -> str:
        """Say where it is and what it is: ``result['held_out'][3].score is a Foo``."""
        return f"{name}{''.join(reversed(self.place))} {self.what}"


def encode(value: Any, *, lenient: bool = False, handles: Handles | None = None) -> bytes:
    """Encode plain data.

    Parameters
    ----------
    value : plain data
        What to carry.
    lenient : bool, default=False
        Whether to turn near relatives of plain data (dataclasses, enumerations, mappings, iterables, paths, pydantic
        models, polars frames, subclasses) into it.
    handles : Handles, optional
        What describes folders and doubles; without it they are refused.

    Raises
    ------
    NotPlain
        If something in it is not plain data; the error knows the place.
    """
    writer = Writer(lenient=lenient, handles=handles)
    document = {"v": writer.node(value, 0), "b": [len(blob) for blob in writer.blobs]}
    try:
        head = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise NotPlain("holds text with half a surrogate pair, which is no Unicode text") from error
    except ValueError as error:
        raise NotPlain(f"cannot be written: {error}") from error
    return b"".join((HEAD.pack(len(head)), head, *writer.blobs))


class Writer:
    """Turn values into JSON nodes, with bulk set aside as blobs."""

    def __init__(self, *, lenient: bool, handles: Handles | None) -> None:
        self.lenient = lenient
        self.handles = handles
        self.blobs: list[bytes] = []

    def node(self, value: Any, depth: int) -> Any:
        """Return the JSON node of a value."""
        kind = type(value)
        if kind in SCALARS:
            return value
        if depth >= DEPTH:
            raise NotPlain(f"is nested more than {DEPTH} deep")
        if kind is list or kind is tuple:
            return self.sequence(value, depth)
        if kind is dict:
            return self.mapping(value, depth)
        write = EXACT.get(kind)
        if write is not None:
            return write(self, value, depth)
        return self.other(value, depth)

    def blob(self, data: bytes) -> int:
        """Set bulk aside; its number stands for it."""
        self.blobs.append(data)
        return len(self.blobs) - 1

    def sequence(self, value: Iterable[Any], depth: int) -> list[Any] | dict[str, Any]:
        """Write the items in order."""
        if type(value) is list and len(value) > 1 and type(value[0]) is dict and depth < DEPTH:
            rows = uniform(value)
            if rows is not None:
                return {"r": [list(value[0]), rows]}
        return self.items(value, depth)

    def items(self, value: Iterable[Any], depth: int) -> list[Any]:
        """Write one item after the other."""
        items = []
        for number, item in enumerate(value):
            if type(item) in SCALARS:
                items.append(item)
                continue
            try:
                items.append(self.node(item, depth + 1))
            except NotPlain as error:
                error.place.append(f"[{number}]")
                raise
        return items

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        """Write keys and values apart, so that keys need not be text and cannot come twice."""
        keys, values = [], []
        for key, item in value.items():
            try:
                keys.append(self.key(key, depth + 1))
                values.append(self.node(item, depth + 1))
            except NotPlain as error:
                error.place.append(f"[{str(key)[:80]!r}]")
                raise
        return {"d": [keys, values]}

    def key(self, key: Any, depth: int) -> Any:
        """Write a key; a tuple stays one."""
        if isinstance(key, tuple):
            return {"k": [self.key(part, depth + 1) for part in key]}
        node = self.node(key, depth)
        if isinstance(node, list) or (
            isinstance(node, dict) and not node.keys() <= {"date", "datetime", "ts", "n", "time"}
        ):
            raise NotPlain(f"is a key of type {named(key)}")
        return node

    def record(self, pairs: Iterable[tuple[str, Any]], depth: int) -> dict[str, Any]:
        """Write an object's fields as a dictionary."""
        keys, values = [], []
        for name, item in pairs:
            keys.append(name)
            try:
                values.append(self.node(item, depth + 1))
            except NotPlain as error:
                error.place.append(f".{name}")
                raise
        return {"d": [keys, values]}

    def column(self, depth: int) -> Callable[[list[Any]], list[Any]]:
        """Return what writes the cells of a mixed column, and labels."""
        return lambda cells: self.items([restore_tuple(cell) for cell in cells], depth + 1)

    def handle(self, value: Folder | Double, depth: int) -> Any:
        """Write a reference."""
        if self.handles is None:
            raise NotPlain(f"is a {named(value)}")
        return {"h": self.node(self.handles.refer(value), depth + 1)}

    def other(self, value: Any, depth: int) -> Any:
        """Write what is no plain value of Python's own: handles and bulk always, relatives when lenient."""
        if isinstance(value, Folder | Double):
            return self.handle(value, depth)
        from unfit.wire import bulk  # noqa: PLC0415  (see there)

        write = bulk.write_of(value)
        if write is not None:
            return write(self, value, depth)
        if self.lenient:
            return self.relative(value, depth)
        raise NotPlain(f"is a {named(value)}")

    def relative(self, value: Any, depth: int) -> Any:
        """Write a near relative of plain data."""
        if isinstance(value, enum.Enum):
            return self.node(value.value, depth + 1)
        for base, narrow in NARROWED:
            if isinstance(value, base):
                return self.node(narrow(value), depth + 1)
        pairs = fields_of(value)
        if pairs is not None:
            return self.record(pairs, depth)
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        from unfit.wire import bulk  # noqa: PLC0415  (see there)

        if bulk.of_polars(value):
            return self.node(bulk.from_polars(value), depth + 1)
        if bulk.is_column(value):
            return self.sequence(list(value), depth)
        if isinstance(value, Iterable) and not isinstance(value, type):
            return self.sequence(value, depth)
        raise NotPlain(f"is a {named(value)}")


def uniform(value: list[dict[Any, Any]]) -> list[list[Any]] | None:
    """Return the rows of records that have the same text keys and hold scalars alone, if that is what they are."""
    names = tuple(value[0])
    if set(map(type, names)) != {str} or set(map(type, value)) != {dict} or set(map(tuple, value)) != {names}:
        return None
    rows = [list(record.values()) for record in value]
    return rows if SCALARS.issuperset(map(type, chain.from_iterable(rows))) else None


def named(value: Any) -> str:
    """Name a value's type as a reader knows it."""
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ in {"builtins", "__main__"}
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def restore_tuple(cell: Any) -> Any:
    """Mark tuples among labels, which must come back as such."""
    return list(cell) if type(cell) is tuple else cell


def fields_of(value: Any) -> list[tuple[str, Any]] | None:
    """List the fields of a record-like object: dataclass, named tuple, pydantic model or attrs class."""
    kind = type(value)
    if isinstance(value, type):
        return None
    if is_dataclass(value):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    names = getattr(kind, "_fields", None)
    if isinstance(value, tuple) and isinstance(names, tuple):
        return list(zip(names, value, strict=False))
    names = getattr(kind, "model_fields", None)
    if isinstance(names, dict) and hasattr(kind, "model_dump"):
        return [(name, getattr(value, name)) for name in names]
    attributes = getattr(kind, "__attrs_attrs__", None)
    if attributes is not None:
        return [(attribute.name, getattr(value, attribute.name)) for attribute in attributes]
    return None


def moment(_: Writer, value: dt.datetime, depth: int) -> Any:
    """Write a datetime; a named zone keeps its name."""
    del depth
    zone = value.tzinfo
    name = zone.key if isinstance(zone, ZoneInfo) else None
    return {"datetime": [value.isoformat(), name, value.fold]}


EXACT: Final[dict[type, Callable[[Writer, Any, int], Any]]] = {
    bytes: lambda writer, value, _: {"y": writer.blob(value)},
    dt.date: lambda _, value, __: {"date": value.isoformat()},
    dt.time: lambda _, value, __: {"time": value.isoformat()},
    dt.timedelta: lambda _, value, __: {"delta": [value.days, value.seconds, value.microseconds]},
    dt.datetime: moment,
}
# What a subclass is cut down to, by the base class's own method so that an override has no say.
NARROWED: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (str, str.__str__),
    (int, int.__pos__),
    (float, float.__pos__),
    (bytes, lambda value: b"".join([value])),
    ((bytearray, memoryview), bytes),
    (os.PathLike, os.fspath),
)
