"""Whereabouts: all that there is of one person, over the ledger, single grades and every cohort."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from unfit import home
from unfit.bank.nearest_word import nearest
from unfit.cohort.fingerprint import fingerprint
from unfit.cohort.forgetting import Forgetting, forget, plan_to_forget
from unfit.cohort.pseudonyms import Person, read_key
from unfit.cohort.submission_lists import real
from unfit.errors import UsageError
from unfit.export import ExportEntry, entries, strike
from unfit.forgotten import Trace, folded, remember
from unfit.ratings import discard
from unfit.register import HandIn, Invitation, Register, change, read_register

__all__ = [
    "Everywhere",
    "Whereabouts",
    "find",
    "forget_everywhere",
    "plan_everywhere",
]

LEAST_OF_A_NUMBER = 6
"""Letters of a receipt's number that are enough to name it."""
WRITTEN = (".css", ".csv", ".html", ".json", ".md", ".pdf", ".svg", ".toml", ".txt", ".xml")
"""What the kit and its users write into the folder of a grade; a folder with anything else is left to its owner."""


@dataclass(frozen=True)
class Whereabouts:
    """What there is of one person.

    Parameters
    ----------
    ledger : Path
    asked : str
        Who was asked for.
    exports : tuple of ExportEntry
        What was handed out to them.
    register : Register
    members : tuple of (out, key, Person)
        Their places in cohorts.
    """

    ledger: Path
    asked: str
    exports: tuple[ExportEntry, ...]
    register: Register
    members: tuple[tuple[Path, Path, Person], ...]

    @property
    def name(self) -> str:
        """The name, where anybody knows it."""
        said = (*(entry.candidate for entry in self.exports), *(one.candidate for _, _, one in self.members))
        return next((name for name in said if name), "")

    @cached_property
    def singles(self) -> tuple[HandIn, ...]:
        """Grades by themselves of work that carries their receipts, proven, and that nobody else's work carries."""
        return tuple(one for one in self._graded_alone if one.proven and self._only(one))

    @cached_property
    def unclear(self) -> tuple[HandIn, ...]:
        """Grades of work that carries their receipts, and may be another person's."""
        return tuple(one for one in self._graded_alone if one not in self.singles)

    @property
    def _graded_alone(self) -> tuple[HandIn, ...]:
        numbers = {entry.nonce for entry in self.exports}
        return tuple(one for one in self.register.handed_in if one.nonce in numbers and not one.cohort)

    def _only(self, hand_in: HandIn) -> bool:
        same = {one.content for one in self.register.handed_in if one.nonce == hand_in.nonce}
        return same == {hand_in.content}

    @property
    def invitations(self) -> tuple[Invitation, ...]:
        """What was agreed with them."""
        numbers = {entry.nonce for entry in self.exports}
        return tuple(one for one in self.register.invitations if one.nonce in numbers)

    def __str__(self) -> str:
        """Say all that is known, a line each."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"candidate: {self.name or 'no name is known'}"
        agreed = {one.nonce: one for one in self.invitations}
        for entry in self.exports:
            when = f" on {entry.when:%Y-%m-%d}" if entry.when else ""
            yield f"handed out: {entry.exercise}, form {entry.form}{when}, receipt {entry.nonce}"
            terms = agreed.get(entry.nonce)
            if terms is not None:
                yield from _terms(terms)
        for one in (*self.singles, *self.unclear):
            doubt = (
                "" if one in self.singles else "; the receipt was edited, or another's work carries it too"
            )
            yield f"graded: {one.submission} in {one.grade}, first on {one.seen:%Y-%m-%d}{doubt}"
        for out, _, person in self.members:
            yield f"in the cohort {out}: {person.pseudonym}, {person.path}"


def _terms(terms: Invitation) -> Iterator[str]:
    if terms.until:
        yield f"asked for until: {terms.until}"
    if terms.minutes:
        yield f"minutes: {terms.minutes}"
    if terms.accommodations:
        yield f"accommodations: {terms.accommodations}"


def find(ledger: Path, who: str) -> Whereabouts:
    """Find all that there is of somebody.

    Parameters
    ----------
    ledger : Path
        The interviewer's folder.
    who : str
        A name, a pseudonym, the number of a receipt or its beginning, a submission, or the folder of a grade.

    Raises
    ------
    UsageError
        If nobody, or more than one, is meant.
    """
    register, known = read_register(ledger), entries(ledger)
    everybody = list(_members(register))
    exports, people = _asked_for(who, register, known, everybody)
    names = {folded(entry.candidate) for entry in exports} | {folded(one.candidate) for _, _, one in people}
    names.discard("")
    if len(names) > 1:
        raise UsageError(
            f"`{who}` is {len(names)} people", fix="say the name, or more of the receipt's number"
        )
    if not exports and not people:
        choices = [*(entry.candidate for entry in known), *(one.candidate for _, _, one in everybody)]
        raise UsageError(
            f"{ledger}: nobody is called `{who}`{nearest(who, filter(None, choices))}",
            fix="say a name, a pseudonym, a receipt's number, a submission or a grade's folder; "
            "`unfit ledger` lists them",
        )
    exports = [one for one in known if one in exports or folded(one.candidate) in names]
    numbers = {entry.nonce for entry in exports}
    members = [
        member
        for member in everybody
        if member in people or folded(member[2].candidate) in names or (member[2].receipt or "-") in numbers
    ]
    return Whereabouts(ledger, who, tuple(exports), register, tuple(members))


def _members(register: Register) -> Iterator[tuple[Path, Path, Person]]:
    for cohort in register.cohorts:
        key = Path(cohort.key)
        if key.is_file() and Path(cohort.out).is_dir():
            yield from ((Path(cohort.out), key, person) for person in read_key(key).people)


def _asked_for(
    who: str, register: Register, known: list[ExportEntry], everybody: list[tuple[Path, Path, Person]]
) -> tuple[list[ExportEntry], list[tuple[Path, Path, Person]]]:
    name, place = folded(who), real(Path(who))
    carried = {
        one.nonce
        for one in register.handed_in
        if one.proven and place in {one.submission, one.grade, str(Path(one.grade) / "grade.json")}
    }
    exports = [
        entry
        for entry in known
        if (name and folded(entry.candidate) == name)
        or entry.nonce in carried
        or (len(who) >= LEAST_OF_A_NUMBER and entry.nonce.startswith(who))
    ]
    people = [
        member
        for member in everybody
        if who == member[2].pseudonym
        or (name and folded(member[2].candidate) == name)
        or place == real(member[2].path)
    ]
    numbers = {one.receipt for _, _, one in people} - {""}
    return exports + [one for one in known if one.nonce in numbers and one not in exports], people


# Forgetting


@dataclass(frozen=True)
class Everywhere:
    """What will be deleted of one person.

    Parameters
    ----------
    whereabouts : Whereabouts
    cohorts : tuple of Forgetting
    today : date
    items, elsewhere : tuple of str
        What is deleted, and what no program can delete, in words.
    """

    whereabouts: Whereabouts
    cohorts: tuple[Forgetting, ...]
    today: dt.date
    items: tuple[str, ...]
    elsewhere: tuple[str, ...]


def plan_everywhere(found: Whereabouts, *, today: dt.date | None = None) -> Everywhere:
    """Say what would be deleted of somebody; the same as in cohorts, and grades by themselves.

    Raises
    ------
    UnfitError
        If it must be kept; says until when and why.
    """
    day = today or dt.datetime.now(dt.UTC).date()
    cohorts = tuple(
        plan_to_forget(out, person.pseudonym, key=key, ledger=found.ledger, today=day)
        for out, key, person in found.members
    )
    items = dict.fromkeys(item for one in cohorts for item in one.items)
    items |= dict.fromkeys(_items(found))
    elsewhere = dict.fromkeys(_elsewhere(found))
    elsewhere |= dict.fromkeys(place for one in cohorts for place in one.elsewhere)
    elsewhere |= dict.fromkeys(
        ["mails, archives that were downloaded or backed up, and copies that colleagues have"]
    )
    return Everywhere(found, cohorts, day, tuple(items), tuple(elsewhere))


def _items(found: Whereabouts) -> Iterator[str]:
    for one in found.singles:
        if _lies_there(one):
            yield one.submission
        if _is_ours(Path(one.grade)):
            yield one.grade
    for entry in found.exports:
        whose = f", made for {entry.candidate}" if entry.candidate else ""
        yield f"the export {entry.nonce} of {entry.exercise}{whose}, in {found.ledger}"


def _elsewhere(found: Whereabouts) -> Iterator[str]:
    for one in found.unclear:
        yield f"{one.grade}: carries this person's receipt, edited or as somebody else's work does; look whose it is"
    for one in found.singles:
        grade = Path(one.grade)
        if grade.is_dir() and not _is_ours(grade):
            yield f"{grade}: holds more than a grade; delete the grade's files in it"
    for invitation in found.invitations:
        if invitation.place:
            yield f"{invitation.place}: the export and the messages of the invitation"


def _lies_there(one: HandIn) -> bool:
    return fingerprint(Path(one.submission)) == one.content


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds a grade and nothing that somebody keeps there besides."""
    if not (folder / "grade.json").is_file() or folder.resolve() in {Path.cwd(), *Path.cwd().parents}:
        return False
    names = [Path(base, name) for base, _, names in os.walk(folder) for name in names]
    return all(path.suffix in WRITTEN and path.name != "exercise.toml" for path in names)


def forget_everywhere(found: Everywhere) -> None:
    """Delete it all, and mark the person, so that no list brings them back."""
    where = found.whereabouts
    remember(where.ledger, _traces(where), today=found.today)
    for cohort in found.cohorts:
        forget(cohort)
    for one in where.singles:
        if _lies_there(one):
            _delete(Path(one.submission))
        if _is_ours(Path(one.grade)):
            discard(Path(one.grade), store=home.ratings())
            _delete(Path(one.grade))
    for entry in where.exports:
        strike(entry.nonce, where.ledger)
    numbers = {entry.nonce for entry in where.exports}
    grades = {one.grade for one in where.singles}
    change(where.ledger, lambda register: _without(register, numbers, grades))


def _traces(found: Whereabouts) -> Iterator[Trace]:
    yield from (("name", entry.candidate) for entry in found.exports)
    for one in found.singles:
        yield "place", one.submission
        yield "content", one.content


def _without(register: Register, numbers: set[str], grades: set[str]) -> Register:
    return register.model_copy(
        update={
            "invitations": tuple(one for one in register.invitations if one.nonce not in numbers),
            "handed_in": tuple(one for one in register.handed_in if one.grade not in grades),
        }
    )


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
