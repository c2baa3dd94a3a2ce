"""Ledger: the interviewer's list of exports, and the key that their receipts are signed with."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Literal

from pydantic import ValidationError

from unfit.errors import UnfitError
from unfit.files import discard_unfinished, write_atomically
from unfit.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


__all__ = ["KEY", "ExportEntry", "at_hand", "called", "enter", "entries", "key_of_ledger", "strike"]

KEY, EXPORTS = "key", "exports.jsonl"
KEY_BYTES = 32
CALLED = 8
"""Digits of its nonce that a receipt is called by: few enough to compare by eye, enough to be nobody else's."""


class ExportEntry(Record):
    """One export, as the ledger keeps it."""

    exercise: str
    version: str
    form: str
    defects: tuple[str, ...] = ()
    """Empty where the default form was exported without the hidden half."""
    seed: int | None = None
    minutes: int | None = None
    """The time that the task gives, where it is another than the exercise's own."""
    assistants: Literal["allowed", "none"] = "allowed"
    pull_request: bool = False
    """Whether it was handed out as a pull request."""
    tree: str = ""
    """Digest of every file that was handed out but the receipt; see `unfit.bank.trees.digest_of`."""
    nonce: str = ""
    candidate: str = ""
    when: dt.datetime | None = None

    @property
    def called(self) -> str:
        """What people call the receipt by, the same wherever it is shown; empty where there is none."""
        return called(self.nonce)


def called(nonce: str) -> str:
    """Say what people call the receipt of an export by."""
    return nonce[:CALLED]


def enter(entry: ExportEntry, ledger: Path) -> None:
    """Add an export to the ledger; exports at the same time wait for each other."""
    line = entry.model_copy(update={"when": dt.datetime.now(dt.UTC)}).model_dump_json() + "\n"
    with at_hand(ledger), _alone(ledger / EXPORTS) as stream:
        stream.write(line.encode())
        stream.flush()
        os.fsync(stream.fileno())


def strike(nonce: str, ledger: Path) -> None:
    """Take an export out of the ledger; its receipt proves nothing any more."""
    path = ledger / EXPORTS
    if not path.is_file():
        return
    with at_hand(ledger), _alone(path):
        discard_unfinished(ledger, EXPORTS)
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if f'"nonce":"{nonce}"' not in line]
        if len(kept) < len(lines):
            write_atomically(path, "".join(kept))
            path.chmod(0o600)


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """Open the list of exports for appending while nobody else does, also where somebody has just replaced it."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    while True:
        with os.fdopen(os.open(path, flags, 0o600), "ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if path.exists() and os.fstat(stream.fileno()).st_ino == path.stat().st_ino:
                yield stream
                return


@contextmanager
def at_hand(ledger: Path) -> Iterator[None]:
    """Word what keeps a ledger from being read or written."""
    try:
        yield
    except OSError as error:
        raise UnfitError(
            f"{error.filename or ledger}: the ledger cannot be used: {error.strerror or error}",
            fix="name your ledger's folder with --ledger, and see that you may write to it",
        ) from error


def entries(ledger: Path) -> list[ExportEntry]:
    """Read the list of exports, the oldest first; empty where there is none."""
    path = ledger / EXPORTS
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else [], start=1):
        try:
            found.append(ExportEntry.model_validate_json(line))
        except ValidationError:
            raise UnfitError(
                f"{path}:{number}: is no entry of a ledger",
                fix="restore the line from a backup, or remove it",
            ) from None
    return found


def key_of_ledger(ledger: Path, *, make: bool) -> bytes:
    """Read the key that receipts are signed with; it is made where there is none and one is asked for."""
    path = ledger / KEY
    if make and not path.exists():
        ledger.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise UnfitError(
            f"{path}: is no key of {KEY_BYTES} bytes",
            fix="restore it from a backup; a new one voids receipts",
        )
    return key
