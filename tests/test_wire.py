from __future__ import annotations

import contextlib
import datetime as dt
import enum
import json
import socket
import struct
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfit.errors import WireError
from unfit.wire import Double, Folder, Frames, NotPlain, decode, encode, receive, send, simple

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | TEXT | st.binary() | st.dates()
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | st.integers(), inner, max_size=4),
)


def crossed(value: Any, *, lenient: bool = False) -> Any:
    return decode(encode(value, lenient=lenient))


def body(head: object, *blobs: bytes) -> bytes:
    text = json.dumps(head).encode()
    return struct.pack(">I", len(text)) + text + b"".join(blobs)


@given(PLAIN)
def test_plain_data_crosses_exactly(value: Any) -> None:
    assert repr(crossed(value)) == repr(value)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else_escapes(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)


@settings(max_examples=300)
@given(st.data())
def test_mutated_frames_decode_or_are_refused(data: st.DataObject) -> None:
    raw = bytearray(encode({"a": [1, 2.5, "é"], "n": np.arange(5), "t": SMALL, "d": dt.date(2024, 1, 2)}))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        value = decode(bytes(raw))
    except WireError:
        return
    decode(encode(value))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*"dyanktsh", "date", "time", "datetime", "delta", "ts", "td"]),
            inner,
            max_size=2,
        )
    ),
)


@given(JSON, st.lists(st.integers(0, 8), max_size=2))
def test_heads_of_any_shape_decode_or_are_refused(node: Any, sizes: list[int]) -> None:
    with contextlib.suppress(WireError):
        decode(body({"v": node, "b": sizes}, bytes(sum(sizes))))


SMALL = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": pd.Categorical(["u", "v"])})
WIDE = pd.DataFrame(
    {
        "int": [1, 2, 3],
        "float": [1.5, np.nan, -0.0],
        "half": np.array([1, 2, 3], dtype="float16"),
        "small": np.array([1, 2, 3], dtype="uint8"),
        "text": ["x", None, "zażółć"],
        "words": pd.Series(["a", "b", "c"], dtype=object),
        "mixed": pd.Series(["a", 1, None], dtype=object),
        "dates": [dt.date(2024, 1, 1)] * 3,
        "category": pd.Categorical(["u", "v", None], categories=["v", "u"], ordered=True),
        "days": pd.to_datetime(pd.Series(["2020-01-01", None, "2021-01-01"])),
        "local": pd.to_datetime(pd.Series(["2020-07-01", None, "2021-01-01"])).dt.tz_localize("Europe/Paris"),
        "spans": pd.to_timedelta([1, None, 3], unit="s"),
        "nullable": pd.array([2**62 + 1, None, 3], dtype="Int64"),
        "flags": pd.array([True, None, False], dtype="boolean"),
        "strings": pd.array(["q", None, "r"], dtype="string"),
    }
)


@pytest.mark.parametrize("column", list(WIDE.columns))
def test_a_column_keeps_type_and_values(column: str) -> None:
    pd.testing.assert_frame_equal(crossed(WIDE[[column]]), WIDE[[column]])


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["x", "y", "z"], name="key"),
        pd.RangeIndex(5, 8, name="k"),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["p", None]),
        pd.DatetimeIndex(["2020-01-01", "2021-05-05", "2022-01-01"]),
    ],
    ids=["text", "counting", "levels", "dates"],
)
def test_an_index_is_kept(index: pd.Index[Any]) -> None:
    frame = WIDE.set_axis(index, axis="index")
    pd.testing.assert_frame_equal(crossed(frame), frame)


@pytest.mark.parametrize(
    "labels", [["a", "a"], [1, "b"], [("a", 1), ("b", 2)]], ids=["double", "mixed", "tuples"]
)
def test_labels_of_columns_are_kept(labels: list[Any]) -> None:
    frame = pd.DataFrame(np.ones((2, 2)))
    frame.columns = pd.Index(labels, tupleize_cols=False)
    assert list(crossed(frame).columns) == labels


@pytest.mark.parametrize("rows", [0, 3])
def test_a_table_without_columns_keeps_its_rows(rows: int) -> None:
    assert crossed(pd.DataFrame(index=range(rows))).shape == (rows, 0)


def test_a_series_keeps_name_and_index() -> None:
    series = pd.Series([1.5, 2.5], index=["a", "b"], name="score")
    pd.testing.assert_series_equal(crossed(series), series)


@pytest.mark.parametrize("kind", ["bool", "i1", "u8", "f2", "f8", "c16", "M8[ns]", "m8[D]", "U3"])
def test_an_array_keeps_type_and_shape(kind: str) -> None:
    array = np.zeros((2, 3), dtype=kind)
    back = crossed(array)
    assert (back.dtype, back.shape, back.tolist()) == (array.dtype, array.shape, array.tolist())


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2024, 5, 6, 7, 8, 9, 10),  # noqa: DTZ001  (one without a zone is what is sent)
        dt.datetime(2024, 5, 6, tzinfo=ZoneInfo("Europe/Warsaw")),
        dt.datetime(2024, 5, 6, tzinfo=dt.UTC),
        dt.timedelta(days=-1, microseconds=5),
        dt.time(1, 2, 3),
        pd.Timestamp("2024-05-06 07:08:09.123456789", tz="Asia/Tokyo"),
        pd.Timedelta(1, "ns"),
        np.float32(0.1),
        np.int64(-5),
        np.datetime64("2024-05-06"),
    ],
    ids=repr,
)
def test_times_and_numpy_scalars_keep_value_and_type(value: Any) -> None:
    back = crossed(value)
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 5e-324, 0.1])
def test_floats_are_exact(value: float) -> None:
    assert repr(crossed(value)) == repr(value)


class Colour(enum.Enum):
    RED = "red"


class Pair(NamedTuple):
    left: int
    right: int


@dataclass
class Row:
    id: str
    score: Any


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "lies"


class Frame(pd.DataFrame):
    pass


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Row("a", 0.5), {"id": "a", "score": 0.5}),
        (Pair(1, 2), {"left": 1, "right": 2}),
        (Colour.RED, "red"),
        (OrderedDict(a=1), {"a": 1}),
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (PurePosixPath("a/b"), "a/b"),
        (Text("truth"), "truth"),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (pd.NA, None),
        (pd.NaT, None),
        (np.array(["a", None], dtype=object), ["a", None]),
        (pd.Index([1, 2]), [1, 2]),
        (bytearray(b"x"), b"x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_lenient_encoder_makes_relatives_plain(value: Any, plain: Any) -> None:
    back = crossed(value, lenient=True)
    assert (back, type(back)) == (plain, type(plain))


def test_a_pydantic_model_becomes_a_dictionary() -> None:
    import pydantic

    class Model(pydantic.BaseModel):
        score: float

    assert crossed(Model(score=0.5), lenient=True) == {"score": 0.5}


def test_a_polars_frame_becomes_a_pandas_one() -> None:
    polars = pytest.importorskip("polars")
    back = crossed(polars.DataFrame({"a": [1, 2], "b": ["x", "y"]}), lenient=True)
    assert back.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_a_subclass_of_a_frame_becomes_a_frame() -> None:
    assert type(crossed(Frame({"a": [1]}), lenient=True)) is pd.DataFrame


def test_what_is_not_plain_is_named_with_its_place() -> None:
    with pytest.raises(NotPlain) as caught:
        encode({"held_out": [1, 2, 3, Row("a", object())]}, lenient=True)
    assert caught.value.told("result") == "result['held_out'][3].score is a object"


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, Row("a", 1), np.array([None]), {"a": {frozenset(): 1}}, 10**5000, "\ud800"],
    ids=["object", "set", "dataclass", "objects", "key", "digits", "surrogate"],
)
def test_a_strict_encoder_refuses_what_is_not_plain(value: Any) -> None:
    with pytest.raises(NotPlain):
        encode(value)


@pytest.mark.parametrize(
    "zone", ["dateutil//dev/stdin", "/etc/passwd", "../../etc/passwd", "tzlocal()", "Nowhere/Land"]
)
def test_a_time_zone_is_never_a_path(zone: str) -> None:
    with pytest.raises(WireError):
        decode(body({"v": {"ts": [0, "ns", zone]}, "b": []}))


@pytest.mark.parametrize("code", [0x110000, 0xD800])
def test_an_array_of_text_holds_characters_only(code: int) -> None:
    with pytest.raises(WireError, match="no character"):
        decode(body({"v": {"a": ["<U1", [1], 0]}, "b": [4]}, struct.pack("<I", code)))


def test_only_a_short_body_of_json_alone_is_simple() -> None:
    bodies = [encode([1, "x"]), encode(b"x"), encode("x" * 2_000_000), b"", encode('"b":[]}') + b'"b":[]}']
    assert [simple(raw) for raw in bodies] == [True, False, False, False, False]


def test_handles_are_refused_where_none_may_be() -> None:
    for handle in (Folder(), Double(object(), ("get",))):
        with pytest.raises(NotPlain):
            encode(handle)


def test_nesting_is_bounded_in_both_directions() -> None:
    value: Any = []
    for _ in range(100):
        value = [value]
    with pytest.raises(NotPlain, match="64 deep"):
        encode(value)
    with pytest.raises(WireError, match="64 deep"):
        decode(body({"v": value, "b": []}))


@pytest.mark.parametrize(
    "text",
    [
        '{"v":' + "[" * 200_000,
        '{"v":' + "9" * 1_000_000 + ',"b":[]}',
        '{"v":"\\ud800","b":[]}',
        '{"v":{"d":[["a","a"],[1,2]]},"b":[]}',
        '{"v":{"d":[["a"],[1,2]]},"b":[]}',
        '{"v":{"h":{"folder":"0"}},"b":[]}',
        '{"v":{"a":["|O",[1],0]},"b":[0]}',
        '{"v":{"a":["<f8",[1000000000000],0]},"b":[0]}',
        '{"v":{"a":["<f8",[0,-1],0]},"b":[0]}',
        '{"v":{"a":["<U999999999",[1],0]},"b":[0]}',
        '{"v":{"y":7},"b":[]}',
        '{"v":1,"b":[-1]}',
        '{"v":1,"b":[],"c":1}',
        '{"v":{"date":5},"b":[]}',
        '{"v":{"ts":[99999999999999999999999,"ns",null]},"b":[]}',
        '{"v":{"datetime":["2024-01-01","../../etc/passwd",0]},"b":[]}',
    ],
    ids=range(16),
)
def test_hostile_heads_are_refused(text: str) -> None:
    data = text.encode()
    with pytest.raises(WireError):
        decode(struct.pack(">I", len(data)) + data)


def test_an_arrow_stream_with_other_columns_than_described_is_refused() -> None:
    raw = encode(pd.DataFrame({"a": [1, 2]}))
    for old, new in (
        (b'["a","int64"]', b'["a","int32"]'),
        (b'[[2,[["a"', b'[[9,[["a"'),
        (b'"t":[2,', b'"t":[3,'),
    ):
        if old in raw:
            with pytest.raises(WireError):
                decode(raw.replace(old, new))


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a\0b", "x" * 2000])
def test_a_folder_holds_no_path_that_leaves_it(path: str) -> None:
    with pytest.raises(WireError):
        Folder({path: b""})


def test_a_folder_is_open_while_empty_or_when_told_so() -> None:
    assert [Folder().open, Folder({"a": b""}).open, Folder({"a": b""}, writable=True).open] == [
        True,
        False,
        True,
    ]


def test_a_double_has_plain_methods_only() -> None:
    with pytest.raises(ValueError, match="plain name"):
        Double(object(), ("__class__",))


def test_frames_are_cut_however_they_arrive() -> None:
    frames = Frames(100, b"R")
    data = b"R" + struct.pack(">Q", 3) + b"abc"
    assert [frame for byte in data + data for frame in frames.feed(bytes([byte]))] == [(b"R", b"abc")] * 2


@pytest.mark.parametrize("header", [b"R" + struct.pack(">Q", 2**63), b"X" + struct.pack(">Q", 1)])
def test_frames_too_long_or_of_unknown_kind_are_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        list(Frames(100, b"R").feed(header))


def test_a_frame_crosses_a_link_with_its_descriptors() -> None:
    near, far = socket.socketpair()
    with near, far:
        send(near, b"C", b"body", [far.fileno()])
        kind, data, descriptors = receive(far, 100)
        socket.socket(fileno=descriptors[0]).close()
    assert (kind, data, len(descriptors)) == (b"C", b"body", 1)


ROWS = [{"a": 1, "b": "x"}, {"a": 2.5, "b": None}]


@pytest.mark.parametrize(
    "records",
    [
        ROWS,
        [{"b": 1, "a": 2}, {"b": 3, "a": 4}],
        [{"a": 1}, {"b": 1}],
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
        [{"a": 1}, {"a": [1]}],
        [{1: 1}, {1: 2}],
        [{}, {}],
        [{"a": {"b": ROWS}}, {"a": {"b": ROWS}}],
    ],
    ids=["alike", "in their own order", "other keys", "other order", "nested", "numbers", "empty", "deep"],
)
def test_records_cross_as_they_are(records: list[dict[Any, Any]]) -> None:
    assert repr(decode(encode(records))) == repr(records)


@pytest.mark.parametrize(
    "content",
    [
        "[[],[]]",
        '[["a"],[]]',
        '[["a"],[[1,2]]]',
        '[["a","a"],[[1,2]]]',
        '[["a"],[[[1]]]]',
        "[[1],[[1]]]",
        '[["a"],[{"y":0}]]',
        '["a",[[1]]]',
        "7",
    ],
)
def test_records_that_are_none_are_refused(content: str) -> None:
    head = f'{{"v":{{"r":{content}}},"b":[]}}'.encode()
    with pytest.raises(WireError):
        decode(len(head).to_bytes(4, "big") + head)
