"""No verdict crosses the bridge: whatever frames come, only the values in them are compared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank_samples import tea_shop
from stubs import Desk
from unfit import wire
from unfit.errors import WireError
from unfit.judge import grade
from unfit.sandbox import Environment, Fault, FaultKind
from unfit.sandbox.endings import claimed
from unfit.submission import Submission, take
from unfit.wire import Frames
from unfit.wire.frames import HEADER

ENVIRONMENT = Environment(Path(sys.executable), digest="test")
LIMIT = 1 << 16
CHUNK = 1 << 12
VERDICTS = (
    {"outcome": "passed"},
    {"value": [], "outcome": "passed"},
    {"status": "mended", "checks": [{"outcome": "passed"}]},
    {"fault": {"kind": "passed", "message": ""}},
    {"fault": {"kind": "raised", "message": "PASSED"}},
    {"value": {"outcome": "passed", "limit": 1e9}},
)


def frame(body: bytes, kind: bytes = b"R") -> bytes:
    return HEADER.pack(kind, len(body)) + body


def unmended(sales: dict[str, list[float]]) -> list[dict[str, Any]]:
    """Answer every question of the tea shop alike, as no mended shop does."""
    return [{"tea": "assam", "amount": 1.0, "status": "ok"} for _ in sales]


def heard(stream: bytes) -> Any:
    """Return what a grader makes of a stream: the first answer's value, or a fault."""
    try:
        answers = (body for kind, body in Frames(LIMIT, b"RDP").feed(stream) if kind == b"R")
        body = next(answers, None)
        answer = None if body is None else wire.decode(body)
    except WireError as error:
        return Fault(FaultKind.PROTOCOL, error.message)
    if isinstance(answer, dict) and set(answer) == {"value"}:
        return answer["value"]
    return claimed(answer.get("fault") if isinstance(answer, dict) and set(answer) == {"fault"} else None)


@st.composite
def streams(draw: st.DrawFn, honest: bytes) -> bytes:
    """Draw a stream around an honest answer: early, doubled, replayed, cut, mutated, forged."""
    forged = frame(
        wire.encode(draw(st.sampled_from(VERDICTS))), draw(st.sampled_from([b"R", b"P", b"V", b"E"]))
    )
    noise = draw(st.binary(max_size=40))
    cut = honest[: draw(st.integers(0, len(honest)))]
    choices = [forged, noise, cut, honest, honest + honest, frame(noise), frame(noise, b"P")]
    return b"".join(draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Submission:
    return take(tea_shop().shipped_folder, tmp_path_factory.mktemp("forgery") / "copy")


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_frame_mends_a_defect(data: st.DataObject, shop: Submission) -> None:
    def answer(sales: dict[str, list[float]]) -> Any:
        return heard(data.draw(streams(frame(wire.encode({"value": unmended(sales)})))))

    done = grade(
        tea_shop(), shop, backend=Desk({"tea.forecast:forecast": answer}), environment=ENVIRONMENT, seed=1
    )
    assert {item.status.value for item in done.defects if item.id == "last-day-ignored"}.isdisjoint(
        {"mended"}
    )


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn, source: Callable[[], st.SearchStrategy[Any]] = lambda: PLAIN) -> bytes:
    """Draw a valid body with some bytes changed, removed or put in."""
    body = bytearray(wire.encode(draw(source())))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(body)


@given(body=mutated() | st.binary(max_size=200))
@settings(max_examples=2000)
def test_a_mutated_body_is_plain_data_or_refused(body: bytes) -> None:
    if not wire.simple(body):  # read in a process of its own, which may die of it
        return
    try:
        value = wire.decode(body)
    except WireError:
        return
    assert len(wire.encode(value)) <= 64 * len(body) + 4096


def pieces(stream: bytes, sizes: list[int]) -> Iterator[bytes]:
    """Cut a stream into pieces."""
    at = 0
    for size in [*sizes, len(stream)]:
        yield stream[at : at + size]
        at += size


@given(
    stream=st.lists(st.binary(max_size=300) | st.binary(max_size=100).map(frame), max_size=8).map(b"".join),
    sizes=st.lists(st.integers(1, CHUNK), max_size=6),
)
@settings(max_examples=2000)
def test_a_stream_of_anything_is_cut_within_bounds(stream: bytes, sizes: list[int]) -> None:
    frames = Frames(200, b"RDP")
    try:
        for piece in pieces(stream, sizes):
            found = list(frames.feed(piece))
            assert all(kind in b"RDP" and len(body) <= 200 for kind, body in found)
            assert len(frames._buffer) < HEADER.size + 200
    except WireError:
        pass
