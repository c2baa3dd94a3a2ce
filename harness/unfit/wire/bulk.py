"""Bulk: arrays, tables and pandas' own times, both ways.

`encode` and `decode` import this with the first value of the kind, so that a process which carries plain values alone
stays small.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from unfit.errors import WireError
from unfit.wire import tables
from unfit.wire.decode import whole
from unfit.wire.encode import NotPlain, named

if TYPE_CHECKING:
    from unfit.wire.decode import Reader
    from unfit.wire.encode import Writer

__all__ = ["TAGS", "from_polars", "is_column", "of_polars", "write_of"]

RAW_KINDS: Final = "biufcMm"
DTYPE: Final = re.compile(r"[<>|][biufcMm]\d{1,2}(?:\[\d{0,9}[a-zA-Z]{1,7}\])?|<U[1-9]\d{0,8}")
MOST_AXES: Final = 32
LAST_CHARACTER: Final = 0x10FFFF
FIRST_HALF, LAST_HALF = 0xD800, 0xDFFF  # halves of surrogate pairs

Write = Callable[["Writer", Any, int], Any]


def write_of(value: Any) -> Write | None:
    """Return what writes a value; ``None`` where it is no bulk."""
    exact = EXACT.get(type(value))
    if exact is not None:
        return exact
    return next((write for kind, write in KINDS if isinstance(value, kind)), None)


def write_array(writer: Writer, value: np.ndarray[Any, Any], depth: int) -> Any:
    """Write an array as type, shape and raw bytes; text and objects as their items."""
    if value.dtype.kind in RAW_KINDS:
        raw = np.ascontiguousarray(value)
        data = raw.tobytes()
        return {"a": [raw.dtype.str, list(value.shape), writer.blob(data)]}
    if value.dtype.kind == "U":
        text = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        return {"a": [text.dtype.str, list(value.shape), writer.blob(text.tobytes())]}
    if not writer.lenient:
        raise NotPlain(f"is an array of {value.dtype}")
    if value.dtype.kind not in "OST" or value.ndim == 0:
        raise NotPlain(f"is an array of {value.dtype}")
    return writer.sequence(value.tolist(), depth)


def write_scalar(writer: Writer, value: np.generic, depth: int) -> Any:
    """Write a numpy scalar; a lenient writer makes it Python's own."""
    if value.dtype.kind not in RAW_KINDS + "U":
        raise NotPlain(f"is a numpy {named(value)}")
    if not writer.lenient:
        return {"n": write_array(writer, np.asarray(value).reshape(1), depth)}
    if value.dtype.kind in "Mm":
        return writer.node(pd.Series([value]).iloc[0], depth)
    return writer.node(value.item(), depth)


def write_frame(writer: Writer, value: pd.DataFrame, depth: int) -> Any:
    """Write a table."""
    described, blob = tables.pack(value, writer.column(depth), lenient=writer.lenient)
    return {"t": [*described, writer.blob(blob)]}


def write_series(writer: Writer, value: pd.Series[Any], depth: int) -> Any:
    """Write a series as a table of one column."""
    described, blob = tables.pack(tables.framed(value), writer.column(depth), lenient=writer.lenient)
    return {"s": [*described, writer.blob(blob)]}


def write_timestamp(_: Writer, value: pd.Timestamp, depth: int) -> Any:
    """Write a pandas timestamp by its count of units."""
    del depth
    count = np.datetime64(value.tz_convert(None).asm8 if value.tz is not None else value.asm8)
    return {"ts": [int(count.astype(np.int64)), value.unit, None if value.tz is None else str(value.tz)]}


def write_span(_: Writer, value: pd.Timedelta, depth: int) -> Any:
    """Write a pandas time difference by its count of units."""
    del depth
    return {"td": [int(value.asm8.astype(np.int64)), value.unit]}


EXACT: Final[dict[type, Write]] = {
    pd.Timestamp: write_timestamp,
    pd.Timedelta: write_span,
    type(pd.NaT): lambda *_: None,
    type(pd.NA): lambda *_: None,
    np.ndarray: write_array,
    pd.DataFrame: write_frame,
    pd.Series: write_series,
}
# What a subclass is cut down to, so that an override of it has no say.
KINDS: Final[tuple[tuple[type, Write], ...]] = (
    (np.generic, write_scalar),
    (pd.DataFrame, lambda writer, value, depth: write_frame(writer, pd.DataFrame(value), depth)),
    (pd.Series, lambda writer, value, depth: write_series(writer, pd.Series(value), depth)),
    (np.ndarray, lambda writer, value, depth: write_array(writer, np.asarray(value), depth)),
)


def is_column(value: Any) -> bool:
    """Whether a value is a column or an index of pandas, which is written as its items."""
    return isinstance(value, pd.Index | pd.api.extensions.ExtensionArray)


def of_polars(value: Any) -> bool:
    """Whether a value is one of polars, which need not be installed."""
    return type(value).__module__.partition(".")[0] == "polars"


def from_polars(value: Any) -> Any:
    """Turn a polars frame or series into pandas' own."""
    kind = type(value).__name__
    if kind == "LazyFrame":
        value, kind = value.collect(), "DataFrame"
    if kind == "DataFrame":
        return pd.DataFrame({name: value[name].to_list() for name in value.columns})
    if kind == "Series":
        return pd.Series(value.to_list(), name=value.name)
    raise NotPlain(f"is a {named(value)}")


def read_array(reader: Reader, content: Any, depth: int) -> np.ndarray[Any, Any]:
    """Read an array from raw bytes that fit its type and shape exactly."""
    del depth
    name, shape, number = content
    if not DTYPE.fullmatch(name):
        raise WireError("an array of unknown type")
    values = np.frombuffer(bytes(reader.blob(number)), dtype=np.dtype(name))
    if values.size != math.prod(sized(shape)):
        raise WireError("an array whose bytes do not fit its shape")
    if values.dtype.kind == "U" and not all_characters(values.view("<u4")):
        raise WireError("an array of text with what is no character")
    return values.reshape(shape).copy()


def read_frame(reader: Reader, content: Any, depth: int) -> pd.DataFrame:
    """Read a table."""
    *described, number = content
    return tables.unpack(described, reader.blob(number), lambda cells: reader.cells(cells, depth + 1))


def read_series(reader: Reader, content: Any, depth: int) -> pd.Series[Any]:
    """Read a series."""
    frame = read_frame(reader, content, depth)
    if frame.shape[1] != 1:
        raise WireError("a series of more than one column")
    return frame.iloc[:, 0].rename(frame.columns[0])


def sized(shape: Any) -> list[int]:
    """Return a shape that is one."""
    if (
        type(shape) is not list
        or len(shape) > MOST_AXES
        or any(type(axis) is not int or axis < 0 for axis in shape)
    ):
        raise WireError("an array of impossible shape")
    return shape


def all_characters(codes: np.ndarray[Any, Any]) -> bool:
    """Whether code points are those of whole Unicode text."""
    return not bool(np.any((codes > LAST_CHARACTER) | ((codes >= FIRST_HALF) & (codes <= LAST_HALF))))


def read_timestamp(_: Reader, content: Any, depth: int) -> pd.Timestamp:
    """Read a pandas timestamp."""
    del depth
    count, unit, zone = content
    value = pd.Timestamp(np.datetime64(whole(count), time_unit(unit)))
    return value if zone is None else value.tz_localize("UTC").tz_convert(tables.zone_of(zone))


def read_span(_: Reader, content: Any, depth: int) -> pd.Timedelta:
    """Read a pandas time difference."""
    del depth
    count, unit = content
    return pd.Timedelta(np.timedelta64(whole(count), time_unit(unit)))


def time_unit(unit: Any) -> Any:
    """Return a unit of time that pandas keeps."""
    if unit not in {"s", "ms", "us", "ns"}:
        raise WireError("a time of unknown unit")
    return unit


TAGS: Final[dict[str, Callable[[Reader, Any, int], Any]]] = {
    "a": read_array,
    "n": lambda reader, content, depth: reader.node(content, depth + 1)[0],
    "t": read_frame,
    "s": read_series,
    "ts": read_timestamp,
    "td": read_span,
}
