"""Frames: one kind byte, one length, one body, over a stream socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Final

from unfit.errors import WireError

__all__ = ["HEADER", "Frames", "receive", "send"]

HEADER: Final = struct.Struct(">cQ")
CHUNK: Final = 1 << 20
MOST_DESCRIPTORS: Final = 8


class Frames:
    """Cut a stream of bytes into frames without looking into their bodies.

    Parameters
    ----------
    limit : int
        Longest body in bytes; a header that announces more is refused before anything of the body is kept.
    kinds : bytes
        The kinds that may arrive.
    """

    def __init__(self, limit: int, kinds: bytes) -> None:
        self.limit = limit
        self.kinds = kinds
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take bytes and yield the frames that they complete."""
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer)
            if kind not in self.kinds:
                raise WireError(f"a frame of unknown kind {kind!r}")
            if length > self.limit:
                raise WireError(f"a frame of {length:,} bytes, where at most {self.limit:,} are taken")
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[HEADER.size : end])
            del self._buffer[:end]
            yield kind, body


def send(link: socket.socket, kind: bytes, body: bytes, descriptors: Sequence[int] = ()) -> None:
    """Send one frame, with open files attached to its header."""
    header = HEADER.pack(kind, len(body))
    sent = socket.send_fds(link, [header], list(descriptors)) if descriptors else link.send(header)
    if sent < len(header):
        link.sendall(header[sent:])
    link.sendall(body)


def receive(link: socket.socket, limit: int) -> tuple[bytes, bytes, list[int]]:
    """Receive one frame with its descriptors; for links whose other end is trusted.

    Raises
    ------
    EOFError
        If the other end is gone.
    WireError
        If the frame is longer than ``limit`` bytes.
    """
    header, descriptors, _, _ = socket.recv_fds(link, HEADER.size, MOST_DESCRIPTORS)
    if not header:
        raise EOFError
    header += exactly(link, HEADER.size - len(header))
    kind, length = HEADER.unpack(header)
    if length > limit:
        raise WireError(f"a frame of {length:,} bytes, where at most {limit:,} are taken")
    return kind, exactly(link, length), descriptors


def exactly(link: socket.socket, count: int) -> bytes:
    """Read ``count`` bytes."""
    data = bytearray()
    while len(data) < count:
        piece = link.recv(min(CHUNK, count - len(data)))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
