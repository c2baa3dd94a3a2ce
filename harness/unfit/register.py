"""The register: what was agreed with whom, and what was handed in of what was handed out, beside the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from unfit.errors import UnfitError
from unfit.files import discard_unfinished, write_atomically
from unfit.forgotten import alone
from unfit.records import Record

__all__ = ["Cohort", "HandIn", "Invitation", "Register", "change", "note", "read_register"]

REGISTER = "register.json"


class Invitation(Record):
    """What was agreed when an exercise was handed out: `unfit invite` writes it."""

    nonce: str
    """Number of the receipt."""
    place: str = ""
    """Folder with the export and the messages."""
    minutes: int | None = None
    until: dt.date | None = None
    contact: str = ""
    assistants: Literal["allowed", "none"] = "allowed"
    accommodations: str = ""
    keep: str = ""
    sender: str = ""


class HandIn(Record):
    """One submission that carries the receipt of an export, proven or not."""

    nonce: str
    exercise: str
    proven: bool
    """Whether the receipt is the one that was handed out, unchanged."""
    submission: str
    """Where it lay."""
    content: str
    """Digest of what was in it."""
    grade: str
    """Folder of its grade."""
    cohort: str = ""
    """The cohort's folder, where it was graded in one."""
    pseudonym: str = ""
    seen: dt.datetime
    """When it was first graded."""


class Cohort(Record):
    """A cohort that was graded with this ledger: its folder and its key."""

    out: str
    key: str


class Register(Record):
    """Everything: ``register.json`` in the ledger's folder."""

    format: Literal[1] = 1
    invitations: tuple[Invitation, ...] = ()
    handed_in: tuple[HandIn, ...] = ()
    cohorts: tuple[Cohort, ...] = ()


def read_register(ledger: Path) -> Register:
    """Read the register of a ledger; an empty one where there is none yet."""
    path = ledger / REGISTER
    try:
        return Register.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Register()
    except (OSError, ValidationError) as error:
        raise UnfitError(
            f"{path}: cannot be read: {str(error).splitlines()[0]}",
            fix="restore it from a backup, or remove it: what was handed in is entered again with the next grade",
        ) from None


def change(ledger: Path, how: Callable[[Register], Register]) -> None:
    """Change the register while nobody else does; nothing is written where nothing changes."""
    with alone(ledger):
        before = read_register(ledger)
        after = how(before)
        discard_unfinished(ledger, REGISTER)
        if after != before:
            write_atomically(ledger / REGISTER, after.model_dump_json(indent=1) + "\n")
            (ledger / REGISTER).chmod(0o600)


def note(ledger: Path, handed: Iterable[HandIn], *, cohort: Cohort | None = None) -> None:
    """Enter what was graded; the same work in the same place keeps the day on which it was first seen.

    Parameters
    ----------
    ledger : Path
        The interviewer's folder; where there is none, nothing was handed out and nothing is entered.
    handed : iterable of HandIn
    cohort : Cohort, optional
        Where it was graded.
    """
    if not ledger.is_dir():
        return
    fresh = {one.grade: one for one in handed}

    def entered(register: Register) -> Register:
        for old in register.handed_in:
            new = fresh.get(old.grade)
            if new is not None and (new.nonce, new.content) == (old.nonce, old.content):
                fresh[old.grade] = new.model_copy(update={"seen": old.seen})
        kept = (one for one in register.handed_in if one.grade not in fresh)
        known = cohort is None or cohort in register.cohorts
        return register.model_copy(
            update={
                "handed_in": (*kept, *fresh.values()),
                "cohorts": register.cohorts if known else (*register.cohorts, cohort),
            }
        )

    change(ledger, entered)
