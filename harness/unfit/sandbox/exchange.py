"""An exchange: one request and what comes of it, in one loop that watches everything at once."""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from unfit.errors import WireError
from unfit.wire import Frames
from unfit.wire.frames import HEADER

if TYPE_CHECKING:
    from unfit.sandbox.answers import Answers
    from unfit.sandbox.link import Link

__all__ = ["Exchange", "Stream"]

CHUNK: Final = 1 << 18
LONGEST_NOTE: Final = 400


@dataclass
class Stream:
    """What a submission printed: the beginning of it, and how much more there was."""

    descriptor: int
    keep: int
    kept: bytearray = field(default_factory=bytearray)
    dropped: int = 0
    ended: bool = False

    def read(self) -> bool:
        """Take what is there; return false at the end or where nothing is."""
        try:
            data = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return False
        self.ended = not data
        room = self.keep - len(self.kept)
        self.kept += data[:room]
        self.dropped += max(0, len(data) - room)
        return bool(data)

    def drain(self, seconds: float) -> None:
        """Take what is left, as long as it does not go on for ever."""
        deadline = time.monotonic() + seconds
        while not self.ended and time.monotonic() < deadline and self.read():
            pass

    def take(self) -> str:
        """Return what was printed since the last time."""
        text = self.kept.decode(errors="replace")
        if self.dropped:
            text += f"\n[{self.dropped:,} more bytes were dropped]\n"
        self.kept, self.dropped = bytearray(), 0
        return text


@dataclass
class Exchange:
    """Send a request over a channel, and wait for the answer, the end, a broken limit or the deadline.

    Parameters
    ----------
    link : Link
        The zygote, which may tell that a limit was broken.
    channel : socket
        The way to the fork.
    streams : tuple of Stream
        Its standard output and error.
    answers : Answers
        What answers for doubles.
    longest : int
        Longest answer in bytes.
    """

    link: Link
    channel: socket.socket
    streams: tuple[Stream, Stream]
    answers: Answers
    longest: int

    result: bytes | None = None
    refused: str = ""
    doing: str = ""
    ending: str = ""  # result | hung up | broken | late | ended

    def __post_init__(self) -> None:
        self._frames = Frames(self.longest, b"RDP")
        self._out: list[memoryview] = []

    def run(self, request: bytes, deadline: float) -> str:
        """Exchange until something ends it; return what did."""
        self.result, self.ending, self.refused, self.doing = None, "", "", ""
        self._out += [
            memoryview(HEADER.pack(b"Q", len(request))),
            memoryview(request),
        ]  # after answers half sent
        with selectors.DefaultSelector() as watched:
            self._watch(watched)
            self._take(b"")  # what came in since the last time
            while not self.ending:
                left = deadline - time.monotonic()
                if left <= 0:
                    self.ending = "late"
                    break
                for key, events in watched.select(left):
                    key.data(events, watched)
        return self.ending

    def _watch(self, watched: selectors.BaseSelector) -> None:
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        watched.register(self.channel, both, self._on_channel)
        watched.register(self.link.socket, selectors.EVENT_READ, self._on_link)
        watched.register(self.answers.bell, selectors.EVENT_READ, self._on_answer)
        for stream in self.streams:
            if not stream.ended:
                watched.register(stream.descriptor, selectors.EVENT_READ, self._reader(stream))
        if self.link.events:
            self._on_link(0, watched)

    def _reader(self, stream: Stream) -> Callable[[int, selectors.BaseSelector], None]:
        def on_stream(_: int, watched: selectors.BaseSelector) -> None:
            stream.read()
            if stream.ended:
                watched.unregister(stream.descriptor)

        return on_stream

    def _on_channel(self, events: int, watched: selectors.BaseSelector) -> None:
        if events & selectors.EVENT_READ:
            self._read()
        if events & selectors.EVENT_WRITE and not self.ending:
            self._write()
            if not self._out:
                watched.modify(self.channel, selectors.EVENT_READ, self._on_channel)

    def _read(self) -> bool:
        """Take what is in the channel; return whether anything was."""
        try:
            data = self.channel.recv(CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            self._take(data)
        else:
            self.ending = self.ending or "hung up"
        return bool(data)

    def _take(self, data: bytes) -> None:
        """Act on the frames that are complete, up to an answer."""
        try:
            for kind, body in self._frames.feed(data):
                if kind == b"R":
                    self.result, self.ending = body, "result"
                    return
                if kind == b"P":
                    self.doing = body[:LONGEST_NOTE].decode(errors="replace")
                else:
                    self.answers.ask(body)
        except WireError as error:
            self.refused, self.ending = error.message, "broken"

    def _write(self) -> None:
        with suppress(BlockingIOError):
            try:
                while self._out:
                    sent = self.channel.send(self._out[0][: 1 << 20])
                    self._out[0] = self._out[0][sent:]
                    if not len(self._out[0]):
                        del self._out[0]
            except BlockingIOError:
                raise
            except OSError:  # the fork is gone; reading says so next
                self._out.clear()

    def _on_link(self, _: int, watched: selectors.BaseSelector) -> None:
        del watched
        self.link.event()
        while not self.ending and self._read():  # an answer may have been sent just before the end
            pass
        if self.ending not in {"result", "broken"}:
            self.ending = "ended"

    def _on_answer(self, _: int, watched: selectors.BaseSelector) -> None:
        for body in self.answers.collect():
            self._out.extend((memoryview(HEADER.pack(b"A", len(body))), memoryview(body)))
        self._write()
        if self._out:  # the channel is full
            watched.modify(self.channel, selectors.EVENT_READ | selectors.EVENT_WRITE, self._on_channel)
