"""The link: the grader's end of a started zygote."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final

from unfit import wire
from unfit.errors import SandboxError, WireError

__all__ = ["Broken", "Link"]

START: Final = 120.0
ANSWER: Final = 60.0
LONGEST: Final = 1 << 31
TAIL: Final = 4_000


class Broken(SandboxError):
    """A zygote that answers no more."""


class Link:
    """Command a zygote.

    Parameters
    ----------
    process : Popen
        The sandbox.
    near : socket
        The grader's end of the link.
    errors : file
        What the zygote writes before it serves.
    config : dict
        The sandbox's settings, sent when the zygote is first needed.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], near: socket.socket, errors: IO[bytes], config: dict[str, Any]
    ) -> None:
        self.process = process
        self.socket = near
        self.errors = errors
        self.config = config
        self.events: list[dict[str, Any]] = []
        self.ready = False
        self.broken = False
        self.retired = False

    def greet(self) -> None:
        """Wait until the zygote serves."""
        if not self.ready:
            try:
                self._ask({"do": "hello", "config": self.config}, (), START)
            except Broken as error:
                raise SandboxError(
                    f"the sandbox did not start: {self.complaint() or error.message}"
                ) from error
            self.ready = True

    def ask(self, do: str, *, descriptors: Sequence[int] = (), patience: float = ANSWER, **order: Any) -> Any:
        """Give a command and wait for the answer.

        Raises
        ------
        Broken
            If the zygote does not answer within ``patience`` seconds.
        """
        self.greet()
        return self._ask({"do": do, **order}, descriptors, patience)

    def _ask(self, order: dict[str, Any], descriptors: Sequence[int], patience: float) -> Any:
        if self.broken:
            raise Broken("the sandbox has ended")
        try:
            self.socket.settimeout(patience)
            wire.send(self.socket, b"C", wire.encode(order), descriptors)
            while (answer := self._next()) is None:
                pass
        except (OSError, EOFError, WireError) as error:
            self.kill()
            raise Broken(f"the sandbox does not answer: {type(error).__name__}: {error}") from error
        if "broken" in answer:
            self.kill()
            raise Broken(f"the sandbox broke at {order['do']!r}: {answer['broken']}")
        return answer

    def _next(self) -> dict[str, Any] | None:
        """Read one frame; an event is kept for `event`."""
        kind, body, _ = wire.receive(self.socket, LONGEST)
        content: dict[str, Any] = wire.decode(body)
        if kind == b"R":
            return content
        self.events.append(content)
        return None

    def event(self) -> dict[str, Any]:
        """Read the event that made the link readable."""
        while not self.events:
            try:
                self.socket.settimeout(ANSWER)
                self._next()
            except (OSError, EOFError, WireError) as error:
                self.kill()
                raise Broken(f"the sandbox has ended: {type(error).__name__}") from error
        return self.events.pop(0)

    def complaint(self) -> str:
        """Return what the zygote wrote before it ended."""
        with suppress(OSError, ValueError):
            self.errors.seek(0, os.SEEK_END)
            self.errors.seek(max(0, self.errors.tell() - TAIL))
            return self.errors.read().decode(errors="replace").strip()
        return ""

    def kill(self) -> None:
        """End the sandbox and everything in it."""
        self.broken = True
        self.process.kill()
        self.socket.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)

    def close(self) -> None:
        """Hang up, and end the sandbox if that does not."""
        if not self.broken:
            self.broken = True
            self.socket.close()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.errors.close()
