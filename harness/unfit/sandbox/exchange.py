"""An exchange: one request and what comes of it, in one loop that watches everything at once."""

from __future__ import annotations

import math
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from unfit.errors import WireError
from unfit.wire import Frames
from unfit.wire.frames import HEADER

if TYPE_CHECKING:
    from unfit.sandbox.double_answers import Answers
    from unfit.sandbox.link import Line

__all__ = ["Exchange", "Stream"]

CHUNK: Final = 1 << 18
MOST_UNREAD: Final = 1 << 24
"""Bytes of answers that may wait for a submission to read them; it is asked nothing more of until it does."""
LONGEST_NOTE: Final = 400
LOOK: Final = 0.2


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
    link : Line
        The keeper, which may tell that a limit was broken.
    channel : socket
        The way to the fork.
    streams : tuple of Stream
        Its standard output and error.
    answers : Answers
        What answers for doubles.
    longest : int
        Longest answer in bytes.
    """

    link: Line
    channel: socket.socket
    streams: tuple[Stream, Stream]
    answers: Answers
    longest: int

    result: bytes | None = None
    refused: str = ""
    doing: str = ""
    broken: str = ""
    ending: str = ""  # result | hung up | broken | late | ended

    def __post_init__(self) -> None:
        self._frames = Frames(self.longest, b"RDP")
        self._out: deque[memoryview] = deque()
        self._unread = 0
        self._held = False
        self._deadline = math.inf

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._deadline - time.monotonic())

    def run(self, request: bytes, deadline: float, broken: Callable[[], str] = lambda: "") -> str:
        """Exchange until something ends it; return what did.

        Parameters
        ----------
        request : bytes
            What is asked.
        deadline : float
            When it is late, by the monotonic clock.
        broken : callable
            What names the limit that is broken by the kernel's account, if one is.
        """
        self.result, self.ending, self.refused, self.doing, self.broken = None, "", "", "", ""
        self._deadline = deadline
        self._send(b"Q", request)  # after answers half sent
        look = time.monotonic() + LOOK
        with selectors.DefaultSelector() as watched:
            self._watch(watched)
            self._take(b"")  # what came in since the last time
            while not self.ending:
                if not self.left:
                    self.ending = "late"
                    break
                for key, events in watched.select(min(self.left, LOOK)):
                    key.data(events, watched)
                self._heed(watched)
                if time.monotonic() >= look:
                    look = time.monotonic() + LOOK
                    self._judge(broken())
        return self.ending

    def _judge(self, broken: str) -> None:
        """End the exchange where a limit is broken, unless an answer came first."""
        if broken and not self.ending:
            self.broken, self.ending = broken, "ended"

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
        del watched
        if events & selectors.EVENT_READ:
            self._read()
        if events & selectors.EVENT_WRITE and not self.ending:
            self._write()

    @property
    def _full(self) -> bool:
        """Whether more answers wait than a submission may leave unread."""
        return self._unread > MOST_UNREAD

    def _heed(self, watched: selectors.BaseSelector) -> None:
        """Watch the channel for what may happen next: no question is read while answers pile up."""
        while self._held and not self._full and not self.ending:
            self._take(b"")
            self._write()
        events = selectors.EVENT_WRITE if self._out else 0
        if not self._full:
            events |= selectors.EVENT_READ
        if watched.get_key(self.channel).events != events:
            watched.modify(self.channel, events, self._on_channel)

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
        """Act on the frames that are complete, up to an answer, the deadline, or too much that nobody reads."""
        self._held = False
        try:
            for kind, body in self._frames.feed(data):
                if kind == b"R":
                    self.result, self.ending = body, "result"
                elif kind == b"P":
                    self.doing = body[:LONGEST_NOTE].decode(errors="replace")
                else:
                    self.answers.ask(body)
                    self._collect()
                if not self.left:
                    self.ending = self.ending or "late"
                self._held = self._full
                if self.ending or self._held:
                    return
        except WireError as error:
            self.refused, self.ending = error.message, "broken"

    def _send(self, kind: bytes, body: bytes) -> None:
        """Put a frame behind those that wait to be sent."""
        header = HEADER.pack(kind, len(body))
        self._out.extend((memoryview(header), memoryview(body)) if body else (memoryview(header),))
        self._unread += len(header) + len(body)

    def _write(self) -> None:
        with suppress(BlockingIOError):
            try:
                while self._out:
                    sent = self.channel.send(self._out[0][: 1 << 20])
                    self._unread -= sent
                    self._out[0] = self._out[0][sent:]
                    if not len(self._out[0]):
                        self._out.popleft()
            except BlockingIOError:
                raise
            except OSError:  # the fork is gone; reading says so next
                self._out.clear()
                self._unread = 0

    def _on_link(self, _: int, watched: selectors.BaseSelector) -> None:
        del watched
        self.link.event()
        while not self.ending and self._read():  # an answer may have been sent just before the end
            pass
        if self.ending not in {"result", "broken"}:
            self.ending = "ended"

    def _on_answer(self, _: int, watched: selectors.BaseSelector) -> None:
        del watched
        self._collect()
        self._write()

    def _collect(self) -> None:
        """Take over the answers that doubles have given."""
        for body in self.answers.collect():
            self._send(b"A", body)
