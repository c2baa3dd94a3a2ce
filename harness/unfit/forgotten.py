"""Forgotten: salted marks that recognise a person whose data was deleted, and hold nothing else about them."""

from __future__ import annotations

import datetime as dt
import fcntl
import hmac
import os
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from unfit.errors import UnfitError
from unfit.files import write_atomically
from unfit.records import Record

__all__ = ["ForgottenMark", "Marks", "Trace", "alone", "folded", "lift", "read_marks", "remember"]

MARKS = "forgotten.json"
SALT_BYTES = 32

Trace = tuple[Literal["name", "place", "content"], str]
"""What somebody would be recognised by: a name, the path of an archive, or the digest of what lies in it."""


class ForgottenMark(Record):
    """One trace of one person, as a keyed hash."""

    what: Literal["name", "place", "content"]
    mark: str
    who: str
    """Drawn at random, the same for all marks of one person, so that they can be lifted together."""
    when: dt.date


class Marks(Record):
    """All marks of a ledger: ``forgotten.json``."""

    format: Literal[1] = 1
    salt: str = ""
    """Of this ledger alone: the same name gives another mark elsewhere."""
    marks: tuple[ForgottenMark, ...] = ()

    def when(self, *traces: Trace) -> dt.date | None:
        """Say when the person of one of these traces was forgotten; None where nobody was."""
        wanted = {(what, self.hashed(what, value)) for what, value in traces if value}
        return next((mark.when for mark in self.marks if (mark.what, mark.mark) in wanted), None)

    def hashed(self, what: str, value: str) -> str:
        """Hash a trace with the ledger's salt."""
        text = folded(value) if what == "name" else value
        return hmac.new(bytes.fromhex(self.salt), f"{what}\0{text}".encode(), "sha256").hexdigest()


def folded(name: str) -> str:
    """Fold a name so that capitals, spaces and composed letters make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_marks(ledger: Path) -> Marks:
    """Read the marks of a ledger; none where nobody was ever forgotten."""
    path = ledger / MARKS
    try:
        return Marks.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Marks()
    except (OSError, ValidationError) as error:
        raise UnfitError(
            f"{path}: cannot be read: {str(error).splitlines()[0]}",
            fix="restore it from a backup; without it, lists can bring back people who were forgotten",
        ) from None


def remember(ledger: Path, traces: Iterable[Trace], *, today: dt.date) -> None:
    """Mark the traces of one person, so that no list brings them back.

    Parameters
    ----------
    ledger : Path
        The interviewer's folder.
    traces : iterable of (what, value)
        Names, real paths and digests; only their hashes are kept.
    today : date
    """
    with alone(ledger):
        before = read_marks(ledger)
        salted = before if before.salt else Marks(salt=secrets.token_hex(SALT_BYTES))
        who = secrets.token_hex(8)
        known = {(mark.what, mark.mark) for mark in salted.marks}
        fresh = {(what, salted.hashed(what, value)): what for what, value in traces if value}
        added = (
            ForgottenMark(what=what, mark=hashed, who=who, when=today)
            for (_, hashed), what in fresh.items()
            if (what, hashed) not in known
        )
        _write(ledger, salted.model_copy(update={"marks": (*salted.marks, *added)}))


def lift(ledger: Path, name: str) -> bool:
    """Let somebody back in who was forgotten under this name; say whether anybody was."""
    with alone(ledger):
        marks = read_marks(ledger)
        if marks.when(("name", name)) is None:
            return False
        hashed = marks.hashed("name", name)
        people = {mark.who for mark in marks.marks if mark.mark == hashed}
        kept = tuple(mark for mark in marks.marks if mark.who not in people)
        _write(ledger, marks.model_copy(update={"marks": kept}))
    return True


def _write(ledger: Path, marks: Marks) -> None:
    path = ledger / MARKS
    write_atomically(path, marks.model_dump_json(indent=1) + "\n")
    path.chmod(0o600)


@contextmanager
def alone(ledger: Path) -> Iterator[None]:
    """Wait until nobody else changes what a ledger's folder holds beside the list of exports."""
    try:
        ledger.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(ledger, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UnfitError(
            f"{ledger}: the ledger cannot be used: {error.strerror or error}",
            fix="name your ledger's folder with --ledger, and see that you may write to it",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
