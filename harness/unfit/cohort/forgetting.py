"""Forgetting: everything that a cohort has of one person is deleted, unless it must be kept for a while."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from unfit import home
from unfit.cohort.grading_a_cohort import publish
from unfit.cohort.nothing_new import discard as unstamp
from unfit.cohort.pseudonyms import Key, Person, find_person, lies_there, read_key, write_key
from unfit.cohort.settings_and_endings import ENDING, Ending, folder_of, read_settings
from unfit.cohort.side_by_side import locked
from unfit.cohort.submission_lists import real
from unfit.errors import UnfitError, UsageError
from unfit.export import ExportEntry, entries, strike
from unfit.forgotten import Trace, folded, remember
from unfit.ratings import discard
from unfit.register import Register, change, read_register

__all__ = ["Forgetting", "forget", "plan_to_forget"]


@dataclass(frozen=True)
class Forgetting:
    """What there is of one person, and what of it others have to delete.

    Parameters
    ----------
    out, key_path, ledger : Path
        The cohort's folder, its key and the interviewer's folder.
    person : Person
    exports : tuple of ExportEntry
        The person's own, in the ledger.
    today : date
    items : tuple of str
        What is deleted, in words.
    elsewhere : tuple of str
        What no program can delete.
    """

    out: Path
    key_path: Path
    ledger: Path
    person: Person
    exports: tuple[ExportEntry, ...]
    today: dt.date
    items: tuple[str, ...]
    elsewhere: tuple[str, ...]


def plan_to_forget(
    out: Path, who: str, *, key: Path, ledger: Path, today: dt.date | None = None
) -> Forgetting:
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
    day = today or dt.datetime.now(dt.UTC).date()
    _refuse_held(whole, person, key, day)
    own, others = _exports(whole, person, ledger)
    items = tuple(_items(out, key, ledger, person, own))
    return Forgetting(
        out, key, ledger, person, own, day, items, tuple(_elsewhere(person, own, others, ledger))
    )


def _exports(
    key: Key, person: Person, ledger: Path
) -> tuple[tuple[ExportEntry, ...], tuple[ExportEntry, ...]]:
    """Find a person's exports by name and by receipt, and those that only look like it.

    A receipt that somebody else's submission carries as well is its owner's, and nobody's where that is not known.
    """
    name = folded(person.candidate)
    carried = {one.carries for one in key.people if one.pseudonym != person.pseudonym}
    namesakes = [one for one in key.people if name and folded(one.candidate) == name]
    own: list[ExportEntry] = []
    others: list[ExportEntry] = []
    for entry in entries(ledger):
        named = bool(name) and folded(entry.candidate) == name
        carries = bool(entry.nonce) and entry.nonce == person.carries
        if not named and not carries:
            continue
        elses = entry.nonce in carried and person.receipt != entry.nonce
        contradicts = bool(name and entry.candidate) and not named
        unclear = named and not carries and len(namesakes) > 1
        (others if elses or contradicts or unclear else own).append(entry)
    return tuple(own), tuple(others)


def _items(
    out: Path, key: Path, ledger: Path, person: Person, exports: tuple[ExportEntry, ...]
) -> Iterator[str]:
    name = person.pseudonym
    if os.path.lexists(person.path) and lies_there(person):
        yield str(person.path)
    if os.path.lexists(folder_of(out, name)):
        yield f"{folder_of(out, name)}, with what interviewers wrote there"
    yield f"the rows of {name} in cohort.csv, cohort.parquet and cohort.html"
    yield f"the entry of {name} in {key}"
    for entry in exports:
        whose = f", made for {entry.candidate}" if entry.candidate else ""
        yield f"the export {entry.nonce} of {entry.exercise}{whose}, in {ledger}"


def _elsewhere(
    person: Person, exports: tuple[ExportEntry, ...], others: tuple[ExportEntry, ...], ledger: Path
) -> Iterator[str]:
    if os.path.lexists(person.path) and not lies_there(person):
        yield f"{person.path}: something else lies there now than was graded"
    for entry in others:
        whose = f", made for {entry.candidate}" if entry.candidate else ""
        yield f"the export {entry.nonce}{whose}: its receipt is here, and it may be another person's"
    places = {one.nonce: one.place for one in read_register(ledger).invitations}
    for entry in exports:
        if places.get(entry.nonce):
            yield f"{places[entry.nonce]}: the export and the messages of the invitation"
    yield "the line in every list that names the submission; until then it is left out, and said to be"
    yield "ratings that other interviewers have sealed, and not opened yet, on their own machines"
    yield "mails, archives that were downloaded or backed up, and copies that colleagues have"


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
        remember(found.ledger, _traces(found), today=found.today)
        if lies_there(who):
            _delete(who.path)
        discard(folder_of(out, who.pseudonym), store=home.ratings())
        _delete(folder_of(out, who.pseudonym))
        for entry in found.exports:
            strike(entry.nonce, found.ledger)
        change(found.ledger, lambda register: _without(register, found))
        before = read_key(found.key_path)
        people = tuple(one for one in before.people if one.pseudonym != who.pseudonym)
        after = before.model_copy(update={"people": people})
        unstamp(out)
        publish(out, after, settings)
        write_key(found.key_path, after)


def _traces(found: Forgetting) -> Iterator[Trace]:
    """Name all by which a list could bring somebody back, and nothing that is true of another as well."""
    who = found.person
    others = [one for one in read_key(found.key_path).people if one.pseudonym != who.pseudonym]
    names = {folded(one.candidate) for one in others}
    for name in (who.candidate, *(entry.candidate for entry in found.exports)):
        if folded(name) not in names:
            yield "name", name
    yield "place", real(who.path)
    contents = {one.content for one in others} | {_digest(found.out, one) for one in others}
    for content in (who.content, _digest(found.out, who)):
        if content not in contents:
            yield "content", content


def _digest(out: Path, person: Person) -> str:
    """Read the digest of what was graded, which is the same however it is packed."""
    try:
        path = folder_of(out, person.pseudonym) / ENDING
        return Ending.model_validate_json(path.read_bytes()).submission
    except (OSError, ValueError):
        return ""


def _without(register: Register, found: Forgetting) -> Register:
    struck = {entry.nonce for entry in found.exports}
    grade = str(folder_of(found.out, found.person.pseudonym).resolve())
    return register.model_copy(
        update={
            "invitations": tuple(one for one in register.invitations if one.nonce not in struck),
            "handed_in": tuple(one for one in register.handed_in if one.grade != grade),
        }
    )


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
