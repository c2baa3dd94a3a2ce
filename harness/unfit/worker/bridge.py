"""The bridge's far end: requests in, answers out, and doubles answered by the grader in between."""

from __future__ import annotations

import builtins
import os
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

from unfit import wire

__all__ = ["Bridge"]

LONGEST_REQUEST: Final = 1 << 32


class Bridge:
    """Talk with the grader over a channel.

    Parameters
    ----------
    descriptor : int
        The channel.
    scratch : str
        Where the files of folders are laid down.
    longest : int
        Longest answer in bytes that the grader takes.
    """

    def __init__(self, descriptor: int, scratch: str, longest: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._folders = os.path.join(scratch, "folders")
        self._held = os.path.join(scratch, "held")
        self._longest = longest
        self._sending = threading.Lock()
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting: dict[int, queue.SimpleQueue[bytes | None]] = {}
        self._asked = 0
        self._reader: threading.Thread | None = None
        self._owner = os.getpid()

    def request(self) -> dict[str, Any] | None:
        """Wait for the next request; ``None`` once the grader has hung up."""
        body = self._requests.get() if self._reader else self._receive()[1]
        return None if body is None else wire.decode(body, handles=self)

    def answer(self, answer: dict[str, Any]) -> None:
        """Send how a request ended, the value encoded as leniently as honesty allows."""
        try:
            body = wire.encode(answer, lenient=True)
        except wire.NotPlain as error:
            place = error.told("result").replace("result['value']", "result", 1)
            body = wire.encode({"fault": {"kind": "value", "message": f"{place}, which is not plain data"}})
        except MemoryError:
            body = wire.encode(
                {"fault": {"kind": "memory", "message": "ran out of memory while its result was sent"}}
            )
        except Exception as error:  # noqa: BLE001  (a hostile or broken object)
            message = f"its result cannot be read: {type(error).__name__}"
            body = wire.encode({"fault": {"kind": "value", "message": message}})
        if len(body) > self._longest:
            message = f"its result takes {len(body):,} bytes, where at most {self._longest:,} are taken"
            body = wire.encode({"fault": {"kind": "value", "message": message}})
        with self._sending:
            wire.send(self._socket, b"R", body)

    def progress(self, text: str) -> None:
        """Leave word of what is running, for an ending that this process does not live to tell."""
        with self._sending:
            wire.send(self._socket, b"P", text.encode(errors="replace"))

    def refer(self, handle: wire.Folder | wire.Double) -> dict[str, Any]:
        """Refuse: handles are made by the grader only."""
        raise TypeError(f"a {type(handle).__name__} cannot be sent")

    def resolve(self, reference: dict[str, Any]) -> Any:
        """Make the object that a reference of the grader stands for."""
        if "folder" in reference:
            return self._folder(reference)
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, name="unfit-bridge", daemon=True)
            self._reader.start()
        return stand_in(self._ask, reference["double"], reference["methods"])

    def _folder(self, reference: dict[str, Any]) -> str:
        """Lay a folder down, unless it lies there already; return its path."""
        path = os.path.join(self._folders, reference["folder"])
        if reference["files"] is None:
            return path
        os.makedirs(path, exist_ok=True)
        for name, data in reference["files"].items():
            place = os.path.join(path, wire.relative(name))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(data)
        if reference["open"]:
            self._hold(reference)
        else:
            for folder, _, names in os.walk(path, topdown=False):
                for name in names:
                    os.chmod(os.path.join(folder, name), 0o444)
                os.chmod(folder, 0o555)  # noqa: S103  (read-only is the point)
        return path

    def _hold(self, reference: dict[str, Any]) -> None:
        """Keep hold of a folder's files, as a reader does who has opened them before."""
        for name in reference["files"]:
            place = os.path.join(self._held, reference["folder"], name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.link(os.path.join(self._folders, reference["folder"], name), place)

    def _receive(self) -> tuple[bytes, bytes | None]:
        try:
            kind, body, _ = wire.receive(self._socket, LONGEST_REQUEST)
        except (EOFError, OSError):
            return b"", None
        return kind, body

    def _read(self) -> None:
        """Sort what arrives: requests to the main thread, answers to whoever waits for them."""
        while True:
            kind, body = self._receive()
            if body is None:
                self._requests.put(None)
                for waiting in list(self._waiting.values()):
                    waiting.put(None)
                return
            if kind == b"A":
                answer = wire.decode(body)
                self._waiting[answer["id"]].put(answer)
            else:
                self._requests.put(body)

    def _ask(self, double: int, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Have the grader call a method of a double; several threads may ask at once."""
        if os.getpid() != self._owner:
            raise RuntimeError(
                "this object works in the process that was given it, not in one that was forked from it"
            )
        box: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with self._sending:
            self._asked += 1
            number = self._asked
            self._waiting[number] = box
        call = {"id": number, "double": double, "method": method, "args": list(args), "kwargs": kwargs}
        try:
            body = wire.encode(call, lenient=True)
        except wire.NotPlain as error:
            del self._waiting[number]
            raise TypeError(f"{method}() takes plain data only: {error.told('call')}") from None
        with self._sending:
            wire.send(self._socket, b"D", body)
        answer = box.get()
        del self._waiting[number]
        if answer is None:
            raise ConnectionError("the other side has hung up")
        if "error" in answer:
            raise error_of(answer["error"], answer["args"])
        return answer["value"]


def error_of(name: str, args: list[Any]) -> Exception:
    """Make one of Python's own errors by name."""
    try:
        error = getattr(builtins, name)(*args)
    except TypeError:  # some want more than a message
        error = RuntimeError(f"{name}: {args}")
    return error  # type: ignore[no-any-return]  # the grader names exceptions only


def stand_in(ask: Callable[..., Any], double: int, methods: list[str]) -> Any:
    """Make an object with these methods, each answered by the grader."""

    def method(name: str) -> Callable[..., Any]:
        def call(_: Any, *args: Any, **kwargs: Any) -> Any:
            return ask(double, name, args, kwargs)

        call.__name__ = call.__qualname__ = name
        return call

    space: dict[str, Any] = {name: method(name) for name in methods}
    space["__copy__"] = lambda self: self
    space["__deepcopy__"] = lambda self, _: self
    return type("Upstream", (), space)()
