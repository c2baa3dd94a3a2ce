"""The link: the grader's end of a started zygote, and of the keepers of its calls."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final

from unfit import wire
from unfit.errors import SandboxError, WireError
from unfit.sandbox.groups import Group

__all__ = ["Broken", "Line", "Link"]

START: Final = 600.0
ANSWER: Final = 60.0
LONGEST: Final = 1 << 31
TAIL: Final = 4_000


class Broken(SandboxError):
    """A sandbox that answers no more."""


class Line:
    """A conversation with a process that is trusted: commands out, answers and events in.

    Parameters
    ----------
    near : socket
        The grader's end.
    """

    def __init__(self, near: socket.socket) -> None:
        self.socket = near
        self.events: list[dict[str, Any]] = []
        self.broken = False

    def ask(self, do: str, *, descriptors: Sequence[int] = (), patience: float = ANSWER, **order: Any) -> Any:
        """Give a command and wait for the answer.

        Raises
        ------
        Broken
            If the process does not answer within ``patience`` seconds.
        """
        if self.broken:
            raise Broken("the sandbox has ended")
        try:
            self.socket.settimeout(patience)
            wire.send(self.socket, b"C", wire.encode({"do": do, **order}), descriptors)
            while (answer := self._next()) is None:
                pass
        except (OSError, EOFError, WireError) as error:
            self.kill()
            raise Broken(f"the sandbox does not answer: {type(error).__name__}: {error}") from error
        if "broken" in answer:
            self.kill()
            raise Broken(f"the sandbox broke at {do!r}: {answer['broken']}")
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
        """Read the event that made the socket readable."""
        while not self.events:
            try:
                self.socket.settimeout(ANSWER)
                self._next()
            except (OSError, EOFError, WireError) as error:
                self.kill()
                raise Broken(f"the sandbox has ended: {type(error).__name__}") from error
        return self.events.pop(0)

    def kill(self) -> None:
        """Hang up, which ends the process and everything that it started."""
        self.broken = True
        self.socket.close()


class Link(Line):
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
    group : Group, optional
        The control group that the sandbox lives in.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        near: socket.socket,
        errors: IO[bytes],
        config: dict[str, Any],
        group: Group | None = None,
    ) -> None:
        super().__init__(near)
        self.process = process
        self.errors = errors
        self.config = config
        self.group = group
        self.base = 0  # bytes that the zygote alone takes
        self.ready = False
        self.retired = False
        self.prepared: set[bool] = set()
        self._spare: Line | None = None

    def greet(self) -> None:
        """Wait until the zygote serves."""
        if not self.ready:
            try:
                self.ask("hello", config=self.config, patience=START)
            except Broken as error:
                raise SandboxError(
                    f"the sandbox did not start: {self.complaint() or error.message}"
                ) from error
            self.ready = True
            self._weigh()

    def prepare(self, *, kernel: bool) -> None:
        """Have the zygote import what runs notebooks."""
        self.greet()
        if kernel not in self.prepared:
            self._forget_spare()  # it was forked before the import
            self.ask("prepare", kernel=kernel)
            self.prepared.add(kernel)
            self._weigh()

    def keeper(self) -> Line:
        """Return the line to the keeper of a new call; the next one gets ready meanwhile."""
        self.greet()
        keeper, self._spare = self._spare or self._spawn(), None
        self._spare = self._spawn()
        return keeper

    def _weigh(self) -> None:
        self.base = self.group.memory() if self.group else 0

    def _spawn(self) -> Line:
        near, far = socket.socketpair()
        with far:
            try:
                wire.send(self.socket, b"S", b"", [far.fileno()])
            except OSError as error:
                near.close()
                self.kill()
                raise Broken(f"the sandbox has ended: {type(error).__name__}") from error
        return Line(near)

    def _forget_spare(self) -> None:
        if self._spare is not None:
            self._spare.kill()
            self._spare = None

    def complaint(self) -> str:
        """Return what the zygote wrote before it ended."""
        with suppress(OSError, ValueError):
            self.errors.seek(0, os.SEEK_END)
            self.errors.seek(max(0, self.errors.tell() - TAIL))
            return self.errors.read().decode(errors="replace").strip()
        return ""

    def kill(self) -> None:
        """End the sandbox and everything in it."""
        super().kill()
        self._forget_spare()
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.group:
            self.group.close()

    def close(self) -> None:
        """Hang up, and end the sandbox if that does not."""
        if not self.broken:
            super().kill()
            self._forget_spare()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            if self.group:
                self.group.close()
        self.errors.close()
