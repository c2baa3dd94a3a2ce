from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from unfit import wire
from unfit.sandbox import exchange
from unfit.sandbox.double_answers import Answers
from unfit.sandbox.exchange import Exchange, Stream
from unfit.sandbox.link import Link
from unfit.wire.frames import HEADER

ANSWER = "x" * 100_000


class Store:
    """A double that counts, and answers at length."""

    def __init__(self) -> None:
        self.asked = 0

    def get(self) -> str:
        self.asked += 1
        return ANSWER


class Stage:
    """An exchange with a submission that is a socket in the test's own hand."""

    def __init__(self) -> None:
        self.store = Store()
        self.decoded = 0
        near, self.far = socket.socketpair()
        near.setblocking(False)
        self.zygote, link = socket.socketpair()
        self.answers = Answers(self._decode)
        self.answers.number(wire.Double(self.store, ("get",)))
        streams = tuple(Stream(os.open(os.devnull, os.O_RDONLY), 10, ended=True) for _ in range(2))
        zygote = cast("Link", SimpleNamespace(socket=link, events=[]))
        self.exchange = Exchange(zygote, near, cast("Any", streams), self.answers, 1 << 20)
        self._open = [near, self.far, self.zygote, link]

    def _decode(self, _: bytes) -> Any:
        self.decoded += 1
        time.sleep(0.02)
        return question()

    def close(self) -> None:
        self.answers.close()
        for end in self._open:
            end.close()
        for stream in self.exchange.streams:
            os.close(stream.descriptor)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def question() -> dict[str, Any]:
    return {"id": 1, "double": 0, "method": "get", "args": [], "kwargs": {}}


def framed(kind: bytes, body: bytes) -> bytes:
    return HEADER.pack(kind, len(body)) + body


def sent(stage: Stage, data: bytes) -> None:
    stage.far.setblocking(False)
    with suppress(BlockingIOError):
        stage.far.send(data)


SMALL = 1 << 20
MOST = SMALL + 65 * (len(ANSWER) + 200)  # the bound, and what 64 threads may have in hand


def test_answers_that_nobody_reads_are_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_UNREAD", SMALL)
    sent(stage, framed(b"D", wire.encode(question())) * 1500)
    assert stage.exchange.run(b"{}", time.monotonic() + 1.0) == "late"
    assert sum(map(len, stage.exchange._out)) <= MOST


def test_without_the_bound_such_answers_pile_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_UNREAD", 1 << 40)
    sent(stage, framed(b"D", wire.encode(question())) * 1500)
    stage.exchange.run(b"{}", time.monotonic() + 3.0)
    assert sum(map(len, stage.exchange._out)) > MOST


def test_the_deadline_holds_while_questions_are_decoded(stage: Stage) -> None:
    bulky = wire.encode(question() | {"args": [b"bulk"]})
    sent(stage, framed(b"D", bulky) * 1000)
    assert stage.exchange.run(b"{}", time.monotonic() + 0.2) == "late"
    assert stage.decoded < 500


def test_remembered_answers_that_had_to_wait_are_answered_once_answers_are_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MOST_UNREAD", 1 << 18)
    sent(stage, framed(b"D", wire.encode(question())) * 40 + framed(b"R", b"done"))
    stage.far.setblocking(True)
    reader = _reader(stage.far)
    assert stage.exchange.run(b"{}", time.monotonic() + 30.0) == "result"
    assert stage.exchange.result == b"done"
    assert stage.store.asked > 30  # the last ones may still be with their threads
    stage.far.shutdown(socket.SHUT_RDWR)
    reader.join()


def _reader(end: socket.socket) -> Any:
    import threading

    def read() -> None:
        with suppress(OSError):
            while end.recv(1 << 16):
                pass

    thread = threading.Thread(target=read)
    thread.start()
    return thread
