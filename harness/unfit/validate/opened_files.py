"""Opened files: which of a tree were opened, so that an answer counts wherever those are the same."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from unfit.remembered_answers import Store
from unfit.worker.functions_run import OUTSIDE, compiled, digests_of_functions

__all__ = ["Opens", "Shared"]

IN_OPEN: Final = 0x20
IN_Q_OVERFLOW: Final = 0x4000
EVENT: Final = struct.Struct("iIII")
CHUNK: Final = 1 << 16
MOST_READINGS: Final = 64


class Opens:
    """Watch a tree, by the kernel's own notes (inotify): whoever opens a file, in whatever namespace, is seen.

    Parameters
    ----------
    root : Path
        The tree; all of its folders are there already.

    Raises
    ------
    OSError
        If the kernel gives no more watches.
    """

    def __init__(self, root: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "no inotify")
        self._folders: dict[int, str] = {}
        self._opened: list[str | None] = []
        for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
            watch = libc.inotify_add_watch(self._descriptor, os.fsencode(folder), IN_OPEN)
            if watch < 0:
                os.close(self._descriptor)
                raise OSError(ctypes.get_errno(), f"{folder} cannot be watched")
            place = folder.relative_to(root).as_posix()
            self._folders[watch] = "" if place == "." else f"{place}/"

    def now(self) -> int:
        """Name this moment."""
        self._drain()
        return len(self._opened)

    def since(self, moment: int) -> frozenset[str] | None:
        """List the files that were opened since a moment; ``None`` where the kernel lost count."""
        self._drain()
        opened = self._opened[moment:]
        return None if None in opened else frozenset(name for name in opened if name is not None)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._descriptor, CHUNK):
                self._opened += _names(data, self._folders)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


def _names(data: bytes, folders: Mapping[int, str]) -> Iterator[str | None]:
    """Read the kernel's notes; ``None`` says that some are lost."""
    at = 0
    while at < len(data):
        watch, mask, _, length = EVENT.unpack_from(data, at)
        name = os.fsdecode(data[at + EVENT.size : at + EVENT.size + length].rstrip(b"\0"))
        at += EVENT.size + length
        if mask & IN_Q_OVERFLOW:
            yield None
        elif name:
            yield folders[watch] + name


class Shared:
    """Answers that hold for every tree in which what they rest on is the same.

    Parameters
    ----------
    store : Store
    files : mapping of str to bytes
        The tree. Which files there are is part of every question; what is in them, where they were opened.

    Notes
    -----
    An answer rests on the files that were opened, since its process began where that answers several questions. Of a
    module that was only imported it rests on the functions that ran and on what is in no function. Where nothing of the
    tree was seen to be opened, the answer counts for this tree alone: something must have been.
    """

    def __init__(self, store: Store, files: Mapping[str, bytes]) -> None:
        self._store = store
        self._files = frozenset(files)
        self._digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        self._digests |= {
            _part(name, function): digest
            for name, content in files.items()
            if name.endswith(".py")
            for function, digest in digests_of_functions(content).items()
        }
        self.noting = {
            name: code
            for name, content in files.items()
            if name.endswith(".py") and (code := compiled(content, name))
        }
        self._opens: Opens | None = None

    @property
    def names(self) -> str:
        """Which files there are."""
        return "\0".join(sorted(self._files))

    def watch(self, opens: Opens) -> None:
        """Take note of what is opened from now on."""
        self._opens = opens

    def now(self) -> int:
        """Name this moment, for `put` to know what was opened since."""
        return self._opens.now() if self._opens else 0

    def get(self, key: str) -> Any | None:
        """Read an answer that was given for files like these."""
        for names in self._readings(key):
            answer = self._store.get(self._whole(key, names))
            if answer is not None:
                return answer
        return None

    def put(
        self, key: str, answer: Any, *, since: int = 0, ran: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Keep an answer, and what it rests on."""
        opened = self._opens.since(since) if self._opens else None
        read = (opened or frozenset()) & self._files or self._files
        names = sorted({part for name in read for part in self._rests_on(name, ran or {})})
        self._store.put(self._whole(key, names), answer)
        known = self._readings(key)
        if names not in known:
            self._store.put(_readings_of(key), [names, *known][:MOST_READINGS])

    def _readings(self, key: str) -> list[list[str]]:
        """List what was opened for the answers that are kept, each such list once, where those files are here."""
        kept: list[list[str]] = self._store.get(_readings_of(key)) or []
        return [names for names in kept if all(name in self._digests for name in names)]

    def _rests_on(self, name: str, ran: Mapping[str, Sequence[str]]) -> list[str]:
        """List the parts of a file that an answer rests on; the file itself where they are not known."""
        parts = [_part(name, function) for function in (OUTSIDE, *ran.get(name, ()))]
        return parts if name in ran and all(part in self._digests for part in parts) else [name]

    def _whole(self, key: str, names: list[str]) -> str:
        whole = hashlib.sha256(key.encode())
        for name in names:
            whole.update(f"\0{name}\0{self._digests[name]}".encode())
        return whole.hexdigest()


def _part(name: str, function: str) -> str:
    return f"{name}\n{function}"


def _readings_of(key: str) -> str:
    return hashlib.sha256(f"{key} opened".encode()).hexdigest()
