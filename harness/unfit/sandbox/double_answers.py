"""Answers of doubles: each call of a method in a thread of its own, so that one that hangs holds up no other."""

from __future__ import annotations

import builtins
import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from unfit import wire
from unfit.errors import WireError

__all__ = ["Answers"]

MOST_AT_ONCE: Final = 64

Question = tuple[int, Callable[..., Any], list[Any], dict[str, Any]]


class Answers:
    """Answer what a submission asks of the doubles that it was given.

    Parameters
    ----------
    decode : callable
        What decodes a question that is too long, or carries bulk, out of harm's way.
    """

    def __init__(self, decode: Callable[[bytes], Any]) -> None:
        self.doubles: list[wire.Double] = []
        self._decode = decode
        self._ready: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._busy = 0
        self._lock = threading.Lock()
        self.bell, self._rope = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._closed = False
        self._asked: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._threads = 0

    def number(self, double: wire.Double) -> int:
        """Return the number that stands for a double."""
        for number, known in enumerate(self.doubles):
            if known is double:
                return number
        self.doubles.append(double)
        return len(self.doubles) - 1

    def ask(self, body: bytes) -> None:
        """Take one question; the answer comes to `collect` when it is there.

        Raises
        ------
        WireError
            If it is not a question about a double that was given.
        """
        question = self._understood(wire.decode(body) if wire.simple(body) else self._decode(body))
        with self._lock:
            self._busy += 1
            busy = self._busy
        if busy > MOST_AT_ONCE:
            self._put({"id": question[0], "error": "RuntimeError", "args": ["too many calls at once"]})
            return
        if busy > self._threads:  # to wake a thread costs a fraction of what to start one does
            self._threads += 1
            threading.Thread(target=self._work, daemon=True).start()
        self._asked.put(question)

    def _understood(self, question: Any) -> Question:
        """Check a question part by part."""
        match question:
            case {
                "id": int(number),
                "double": int(which),
                "method": str(name),
                "args": list(args),
                "kwargs": dict(kwargs),
            }:
                if (
                    0 <= which < len(self.doubles)
                    and name in self.doubles[which].methods
                    and all(map(is_text, kwargs))
                ):
                    return number, getattr(self.doubles[which].target, name), args, kwargs
        raise WireError("a call of something that it was not given")

    def _work(self) -> None:
        """Answer one question after the other, in a thread that ends with the process at the latest."""
        while (question := self._asked.get()) is not None:
            number, method, args, kwargs = question
            try:
                answer = {"id": number, "value": method(*args, **kwargs)}
            except Exception as error:  # noqa: BLE001  (a double's errors are what the check is about)
                said = [plain(arg) for arg in error.args]
                answer = {"id": number, "error": builtin_name(error), "args": said}
                error.__traceback__ = None  # raised again and again, one error would hold every frame
            self._put(answer)

    def _put(self, answer: dict[str, Any]) -> None:
        try:
            body = wire.encode(answer, lenient=True)
        except WireError as error:
            told = f"the double's answer is not plain data: {error.message}"
            body = wire.encode({"id": answer["id"], "error": "RuntimeError", "args": [told]})
        with self._lock:
            self._busy -= 1
            if not self._closed:
                self._ready.put(body)
                with suppress(BlockingIOError):  # a full pipe rings loudly enough
                    os.write(self._rope, b".")

    def collect(self) -> list[bytes]:
        """Return the answers that have come in."""
        with suppress(BlockingIOError):
            os.read(self.bell, 1 << 12)
        bodies = []
        while not self._ready.empty():
            bodies.append(self._ready.get())
        return bodies

    def close(self) -> None:
        """Forget about answers that have not come in yet."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self.bell)
                os.close(self._rope)
                for _ in range(self._threads):
                    self._asked.put(None)


def is_text(value: Any) -> bool:
    """Whether a value is text."""
    return isinstance(value, str)


def plain(arg: Any) -> Any:
    """Return an error's argument as plain data."""
    return arg if isinstance(arg, str | int | float | None) else str(arg)


def builtin_name(error: Exception) -> str:
    """Name the nearest of Python's own errors that an error is one of."""
    for kind in type(error).__mro__:
        name = kind.__name__
        if getattr(builtins, name, None) is kind:
            return name
    return "RuntimeError"
