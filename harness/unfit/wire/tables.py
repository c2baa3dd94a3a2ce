"""Tables: pandas frames as Arrow columns, with a list of cells where Arrow would not be exact."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from unfit.errors import WireError

__all__ = ["framed", "pack", "unpack"]

NUMBERS: Final = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()  # noqa: SIM905  (a word list)
)
NULLABLE: Final = frozenset(
    "boolean Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 str string".split()  # noqa: SIM905  (same)
)
TIMES: Final = re.compile(r"(datetime64|timedelta64)\[(s|ms|us|ns)(?:, ([A-Za-z0-9_+:/-]{1,64}))?\]")
OFFSET: Final = re.compile(r"(?:UTC)?([+-])(\d\d):(\d\d)")
MOST_COLUMNS: Final = 10_000

Cells = Callable[[list[Any]], list[Any]]


def framed(series: pd.Series[Any]) -> pd.DataFrame:
    """Return a series as a table of one column, whatever its name."""
    frame = series.to_frame(name=0)
    frame.columns = pd.Index([series.name], dtype=object)
    return frame


def pack(frame: pd.DataFrame, cells: Cells, *, lenient: bool) -> tuple[list[Any], bytes]:
    """Describe a table, and write its columns as one Arrow stream.

    Returns
    -------
    described : list
        Rows, kinds of columns, labels of columns, index.
    stream : bytes
        Arrow IPC, uncompressed.
    """
    arrays: list[pa.Array] = []
    columns = [frame.iloc[:, number] for number in range(frame.shape[1])]
    kinds = [pack_column(column, arrays, cells, lenient=lenient) for column in columns]
    index = pack_index(frame.index, arrays, cells, lenient=lenient)
    labels = [cells(list(frame.columns)), frame.columns.nlevels, cells(list(frame.columns.names))]
    return [len(frame), kinds, labels, index], stream_of(arrays)


def stream_of(arrays: list[pa.Array]) -> bytes:
    """Write columns as one Arrow stream."""
    table = pa.Table.from_arrays(arrays, names=[str(number) for number in range(len(arrays))])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(use_threads=False)) as writer:
        writer.write_table(table)
    return bytes(memoryview(sink.getvalue()))


def pack_index(index: pd.Index[Any], arrays: list[pa.Array], cells: Cells, *, lenient: bool) -> Any:
    """Describe an index; the plain counting one needs no column."""
    names = cells(list(index.names))
    if isinstance(index, pd.RangeIndex):
        return [names, [index.start, index.stop, index.step]]
    levels = [
        index.get_level_values(level).to_series(index=pd.RangeIndex(len(index)))
        for level in range(index.nlevels)
    ]
    return [names, None, [pack_column(level, arrays, cells, lenient=lenient) for level in levels]]


def pack_column(column: pd.Series[Any], arrays: list[pa.Array], cells: Cells, *, lenient: bool) -> Any:
    """Describe one column, and append its Arrow array where it has one."""
    dtype = column.dtype
    name = str(dtype)
    if name in NUMBERS:
        arrays.append(pa.array(column.to_numpy()))
    elif TIMES.fullmatch(name):
        arrays.append(pa.array(counted(column)))
    elif name in NULLABLE:
        arrays.append(joined(pa.array(column.array, from_pandas=True)))
    elif isinstance(dtype, pd.CategoricalDtype):
        arrays.append(pa.array(column.cat.codes.to_numpy().astype(np.int32)))
        categories = dtype.categories
        if isinstance(categories.dtype, pd.IntervalDtype | pd.PeriodDtype) and lenient:
            categories = categories.astype(str)
        return ["c", bool(dtype.ordered), str(categories.dtype), cells(list(categories))]
    elif name == "object" and all_text(column):
        arrays.append(pa.array(column.to_numpy(), type=pa.large_string()))
    else:
        if isinstance(dtype, pd.IntervalDtype | pd.PeriodDtype) and lenient:
            column = column.astype(str)
        return ["j", cells(list(column.astype(object)))]
    return ["a", name]


def joined(array: Any) -> pa.Array:
    """Return one array, where pandas kept several pieces."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def counted(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Return times as their counts of units since the epoch."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    return column.to_numpy().view(np.int64)


def all_text(column: pd.Series[Any]) -> bool:
    """Whether an object column holds whole Unicode text only."""
    values = column.to_numpy()
    if pd.api.types.infer_dtype(values, skipna=False) != "string":
        return False
    return all((type(value) is str and value.isprintable()) or whole(value) for value in values)


def whole(value: Any) -> bool:
    """Whether a value is exactly text, without half a surrogate pair."""
    try:
        return type(value) is str and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False


def unpack(described: list[Any], stream: bytes | memoryview, cells: Cells) -> pd.DataFrame:
    """Build the table that `pack` described; any flaw raises."""
    rows, kinds, (labels, levels, label_names), index = described
    if type(rows) is not int or rows < 0 or len(kinds) > MOST_COLUMNS or len(labels) != len(kinds):
        raise WireError("a table whose description does not add up")
    with pa.ipc.open_stream(pa.py_buffer(stream), options=pa.ipc.IpcReadOptions(use_threads=False)) as reader:
        table = reader.read_all()
    table.validate(full=True)
    if table.schema.metadata or (table.num_columns and table.num_rows != rows):
        raise WireError("a table whose columns do not fit its description")
    arrays = iter(table.columns)
    columns = {number: unpack_column(kind, arrays, rows, cells) for number, kind in enumerate(kinds)}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(rows))
    frame.index = unpack_index(index, arrays, rows, cells)
    if next(arrays, None) is not None:
        raise WireError("a table with columns that nothing describes")
    frame.columns = unpack_labels(cells(labels), levels, cells(label_names))
    return frame


def unpack_labels(labels: list[Any], levels: Any, names: list[Any]) -> pd.Index[Any]:
    """Build the labels of columns."""
    if type(levels) is not int or len(names) != levels:
        raise WireError("a table whose labels do not add up")
    labels = [tuple(label) if isinstance(label, list) else label for label in labels]
    if levels > 1:
        return cast("pd.Index[Any]", pd.MultiIndex.from_tuples(labels, names=names))
    return cast("pd.Index[Any]", pd.Index(labels, name=names[0], tupleize_cols=False))


def unpack_index(index: list[Any], arrays: Any, rows: int, cells: Cells) -> pd.Index[Any]:
    """Build the index of rows."""
    names = cells(index[0])
    if index[1] is not None:
        start, stop, step = index[1]
        return pd.RangeIndex(start, stop, step, name=names[0])
    levels = [pd.Index(unpack_column(kind, arrays, rows, cells), tupleize_cols=False) for kind in index[2]]
    if len(levels) == 1:
        return cast("pd.Index[Any]", levels[0].rename(names[0]))
    return cast("pd.Index[Any]", pd.MultiIndex.from_arrays(levels, names=names))


def unpack_column(kind: list[Any], arrays: Any, rows: int, cells: Cells) -> pd.Series[Any]:
    """Build one column."""
    if kind[0] == "j":
        values = np.empty(rows, dtype=object)
        values[:] = pd.Series(cells(kind[1]), dtype=object)
        return pd.Series(values, dtype=object)
    array = next(arrays)
    if kind[0] == "c":
        categories = pd.Index(cells(kind[3]), dtype=plain_dtype(kind[2]), tupleize_cols=False)
        codes = array.to_numpy()
        return pd.Series(pd.Categorical.from_codes(codes, categories=categories, ordered=bool(kind[1])))
    if kind[0] != "a":
        raise WireError("a column of unknown kind")
    return unpack_array(kind[1], array)


def unpack_array(name: Any, array: pa.ChunkedArray) -> pd.Series[Any]:
    """Build one column from its Arrow array."""
    if name in NUMBERS:
        values = array.to_numpy()
        if str(values.dtype) != name:
            raise WireError(f"a column of {values.dtype} that claims to be {name}")
        return pd.Series(values)
    if name == "object":
        return pd.Series(array.to_numpy(), dtype=object)
    if name in NULLABLE:
        dtype: Any = pd.api.types.pandas_dtype(name)
        return cast("pd.Series[Any]", pd.Series(dtype.__from_arrow__(array), dtype=dtype))
    return times(name, array)


def times(name: Any, array: pa.ChunkedArray) -> pd.Series[Any]:
    """Build a column of times from its counts of units."""
    found = TIMES.fullmatch(name)
    if found is None or array.type != pa.int64() or array.null_count:
        raise WireError("a column of unknown type")
    family, unit, zone = found.groups()
    column: pd.Series[Any] = pd.Series(array.to_numpy().view(f"{family}[{unit}]"))
    return column if zone is None else column.dt.tz_localize("UTC").dt.tz_convert(zone_of(zone))


def zone_of(name: str) -> Any:
    """Return a time zone by the name that pandas gives it; unlike pandas, never by a path."""
    offset = OFFSET.fullmatch(name)
    if offset is None:
        return dt.UTC if name == "UTC" else ZoneInfo(name)
    sign, hours, minutes = offset.groups()
    span = dt.timedelta(hours=int(hours), minutes=int(minutes))
    return dt.timezone(-span if sign == "-" else span)


def plain_dtype(name: Any) -> Any:
    """Return a type by name, of the few that cross."""
    found = TIMES.fullmatch(name)
    if found is not None and found[3] is not None:
        return pd.DatetimeTZDtype(found[2], zone_of(found[3]))  # type: ignore[arg-type]  # a unit, by the pattern
    if name not in NUMBERS | NULLABLE | {"object"} and found is None:
        raise WireError("categories of unknown type")
    return pd.api.types.pandas_dtype(name)
