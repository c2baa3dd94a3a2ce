"""Forgetting: everything that a cohort has of one person is deleted, unless it must be kept for a while."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from unfit.cohort.grading import publish, read_settings
from unfit.cohort.key import Key, Person, find_person, read_key, write_key
from unfit.cohort.ratings import RATINGS, without
from unfit.cohort.running import locked
from unfit.cohort.work import folder_of
from unfit.errors import UnfitError, UsageError
from unfit.export import strike
from unfit.files import write_atomically

__all__ = ["Forgetting", "forget", "plan"]


@dataclass(frozen=True)
class Forgetting:
    """What there is of one person, and what of it others have to delete.

    Parameters
    ----------
    out, key_path, ledger : Path
        The cohort's folder, its key and the interviewer's folder.
    person : Person
    items : tuple of str
        What is deleted, in words.
    """

    out: Path
    key_path: Path
    ledger: Path
    person: Person
    items: tuple[str, ...]

    elsewhere: ClassVar[str] = (
        "not deleted: copies that were sent or backed up, and lists that you keep yourself"
    )
    """What no program can delete."""


def plan(out: Path, who: str, *, key: Path, ledger: Path, today: dt.date | None = None) -> Forgetting:
    """Find everything that there is of one person.

    Parameters
    ----------
    out, key, ledger : Path
        The cohort's folder, its key and the interviewer's folder.
    who : str
        Pseudonym, name or submission.
    today : date, optional
        The day on which it is asked for.

    Raises
    ------
    UsageError
        If there is no such cohort or person.
    UnfitError
        If it must be kept; says until when and why.
    """
    if read_settings(out) is None or not key.exists():
        raise UsageError(f"{out}: there is no cohort, or its key is not {key}", fix="name the key with --key")
    whole = read_key(key)
    person = find_person(whole, who, path=key)
    _refuse_held(whole, person, key, today or dt.datetime.now(dt.UTC).date())
    return Forgetting(out, key, ledger, person, tuple(_items(out, key, ledger, person)))


def _items(out: Path, key: Path, ledger: Path, person: Person) -> Iterator[str]:
    name = person.pseudonym
    for path in (person.path, folder_of(out, name)):
        if os.path.lexists(path):
            yield str(path)
    yield f"the rows of {name} in cohort.csv, cohort.parquet, cohort.html and {RATINGS}"
    yield f"the entry of {name} in {key}"
    if person.receipt:
        yield f"the export {person.receipt} in {ledger}"


def _refuse_held(key: Key, person: Person, path: Path, today: dt.date) -> None:
    holds = [(one.hold_until, one.hold_why) for one in (key, person) if one.hold_until is not None]
    until, why = max(holds, default=(None, ""), key=lambda hold: hold[0])
    if until is not None and today < until:
        reason = f": {why}" if why else ""
        raise UnfitError(
            f"{person.pseudonym} must be kept until {until.isoformat()}{reason}",
            fix=f"ask again on that day; if the duty has ended before, take `hold-until` out of {path}",
        )


def forget(found: Forgetting) -> None:
    """Delete it all, the key's entry last, so that an interruption can be taken up again."""
    who, out = found.person, found.out
    settings = read_settings(out)
    assert settings is not None
    with locked(out):
        for path in (who.path, folder_of(out, who.pseudonym)):
            _delete(path)
        if who.receipt:
            strike(who.receipt, found.ledger)
        ratings = without(out / RATINGS, who.pseudonym)
        if ratings is not None:
            write_atomically(out / RATINGS, ratings)
        before = read_key(found.key_path)
        people = tuple(one for one in before.people if one.pseudonym != who.pseudonym)
        after = before.model_copy(update={"people": people})
        publish(out, after, settings)
        write_key(found.key_path, after)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
