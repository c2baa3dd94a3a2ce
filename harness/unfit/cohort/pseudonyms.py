"""The key: which pseudonym stands for whom, in a file of its own that no page is made from."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import tomlkit
from pydantic import ConfigDict, Field, model_validator

from unfit.bank import read_manifest
from unfit.bank.nearest_word import nearest
from unfit.cohort.fingerprint import fingerprint
from unfit.cohort.submission_lists import HandedIn, Kind, real
from unfit.errors import UnfitError, UsageError
from unfit.files import discard_unfinished, write_atomically
from unfit.forgotten import folded
from unfit.records import Record

__all__ = [
    "Key",
    "Person",
    "ensure_apart",
    "find_person",
    "key_of",
    "lies_there",
    "read_key",
    "with_everybody",
    "write_key",
]

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
"""Without those that are mistaken for one another."""
LENGTH = 6
HEADER = """\
# Who is who in a cohort, and what was agreed with whom. Keep it apart from the cohort's folder.
# Yours to write: `accommodations`, `minutes`, and `hold-until` with `hold-why`. Comments are not kept.
"""


class Person(Record):
    """One candidate, or one simulated player."""

    model_config = ConfigDict(populate_by_name=True)

    pseudonym: str
    submission: str
    """Where it lies, below the folder or the list that it was found in."""
    folder: str
    """That folder."""
    kind: Kind = "person"
    candidate: str = ""
    """The name, as the list or the ledger has it."""
    named_by: Literal["", "list", "ledger"] = Field(default="", alias="named-by")
    """Who said so: a name that only a receipt gave is taken back where a second submission carries the receipt."""
    content: str = ""
    """Hash of the submission as it lay there, by which it is known again in another place."""
    receipt: str = ""
    """Number of the receipt that the submission carries and that is this person's; it leads to the ledger's entry."""
    carries: str = ""
    """Number of the receipt that the submission carries, proven or edited, its own or another's."""
    accommodations: str = ""
    """What was agreed; no page and no table has it."""
    minutes: int | None = None
    """The time that was given, where it is another than the exercise's own."""
    hold_until: dt.date | None = Field(default=None, alias="hold-until")
    """The day before which nothing of this person may be deleted."""
    hold_why: str = Field(default="", alias="hold-why")

    @property
    def path(self) -> Path:
        """Where the submission lies."""
        return Path(self.folder, self.submission)

    def __str__(self) -> str:
        """Say all that is known, a line each."""
        known = self.model_dump(by_alias=True, exclude_none=True, exclude={"named_by", "content", "carries"})
        return "\n".join(f"{name}: {value}" for name, value in known.items() if value != "")


class Key(Record):
    """The key of a cohort."""

    model_config = ConfigDict(populate_by_name=True)

    format: Literal[1] = 1
    hold_until: dt.date | None = Field(default=None, alias="hold-until")
    """The same for everybody."""
    hold_why: str = Field(default="", alias="hold-why")
    people: tuple[Person, ...] = Field(default=(), alias="person")

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        seen: set[str] = set()
        for person in self.people:
            if person.pseudonym in seen:
                raise ValueError(f"`person[{person.pseudonym}]` is there twice; keep one")
            seen.add(person.pseudonym)
        return self


def key_of(out: Path) -> Path:
    """Say where the key of a cohort is, unless another place is named: beside its folder, not in it."""
    whole = out.resolve()
    return whole.with_name(f"{whole.name}.key.toml")


def read_key(path: Path) -> Key:
    """Read a key; an empty one where there is none yet."""
    return read_manifest(path, Key) if path.exists() else Key()


def write_key(path: Path, key: Key) -> None:
    """Write a key so that only its owner can read it, and leave no names in what a killed run had begun."""
    before = os.umask(0o077)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        discard_unfinished(path.parent, path.name)
        write_atomically(path, HEADER + "".join(_lines(key)))
    finally:
        os.umask(before)


def _lines(key: Key) -> Iterator[str]:
    yield from _pairs(key.model_dump(by_alias=True, exclude={"people"}, exclude_none=True))
    for person in key.people:
        yield "\n[[person]]\n"
        yield from _pairs(person.model_dump(by_alias=True, exclude_none=True))


def _pairs(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if value != "":
            yield f"{name} = {tomlkit.item(value).as_string()}\n"


def with_everybody(
    key: Key, handed: Sequence[HandedIn], *, receipt_in: Callable[[Path], str] = lambda _: ""
) -> tuple[Key, tuple[Person, ...]]:
    """Give a pseudonym to everybody who has none; it is drawn, so that it says nothing of the name or the order.

    Somebody is known again by the real path of the submission, or by what lies in it where it was moved. Neither
    counts where a list gives another name, or where the submission carries the receipt of another export: then
    somebody else's work lies in that place.

    Parameters
    ----------
    key : Key
    handed : sequence of HandedIn
    receipt_in : callable
        Reads the number of the receipt that a submission carries.

    Returns
    -------
    key : Key
    people : tuple of Person
        Those who were handed, in that order.
    """
    known = _Known(key)
    people: dict[str, Person] = {person.pseudonym: person for person in key.people}
    found = []
    for one in handed:
        content = fingerprint(one.path)
        before = known.there(one, content, receipt_in) or known.moved(one, content)
        if before is None:
            named_by = "list" if one.candidate else ""
            facts = {**one.model_dump(), "content": content, "named_by": named_by}
            person = Person(pseudonym=_drawn(set(people)), **facts)
        else:
            person = _met_again(before, one, content)
        people[person.pseudonym] = person
        found.append(person)
    return key.model_copy(update={"people": tuple(people.values())}), tuple(found)


class _Known:
    """Whom a key knows, to be found by place, by content and by name; each of them once."""

    def __init__(self, key: Key) -> None:
        self.people = key.people
        self.taken: set[str] = set()
        self.names = Counter(folded(person.candidate) for person in key.people)
        self.places: dict[str, list[Person]] = {}
        for person in key.people:
            self.places.setdefault(real(person.path), []).append(person)

    def there(self, one: HandedIn, content: str, receipt_in: Callable[[Path], str]) -> Person | None:
        """Find whoever handed in at this place, unless it is somebody else's work that lies there now."""
        for person in reversed(self.places.get(real(one.path), [])):
            if person.pseudonym in self.taken or not _may_be(person, one):
                continue
            changed = person.content and person.content != content
            if changed and person.carries and receipt_in(one.path) not in {"", person.carries}:
                continue
            return self._take(person)
        return None

    def moved(self, one: HandedIn, content: str) -> Person | None:
        """Find whose submission lay elsewhere before, and is gone from there."""
        gone = [known for known in self.gone if known.pseudonym not in self.taken and _may_be(known, one)]
        same = [person for person in gone if content and person.content == content]
        if len(same) > 1:
            same = [person for person in same if person.submission == one.submission]
        if not same and one.candidate and self.names[folded(one.candidate)] == 1:
            same = [person for person in gone if folded(person.candidate) == folded(one.candidate)]
        return self._take(same[0]) if len(same) == 1 else None

    @cached_property
    def gone(self) -> tuple[Person, ...]:
        """Whose submission no longer lies where it was, or something else lies there now."""
        return tuple(person for person in self.people if not lies_there(person))

    def _take(self, person: Person) -> Person:
        self.taken.add(person.pseudonym)
        return person


def _may_be(person: Person, one: HandedIn) -> bool:
    return not (person.candidate and one.candidate) or folded(person.candidate) == folded(one.candidate)


def lies_there(person: Person) -> bool:
    """Whether somebody's submission still lies where it was taken from, unchanged."""
    return os.path.lexists(person.path) and person.content in {"", fingerprint(person.path)}


def _met_again(person: Person, one: HandedIn, content: str) -> Person:
    """Enter where somebody's submission lies now, and what a list says that the key did not know."""
    changes: dict[str, Any] = {"folder": one.folder, "submission": one.submission, "content": content}
    if one.candidate and not person.candidate:
        changes |= {"candidate": one.candidate, "named_by": "list"}
    elif one.candidate:
        changes["named_by"] = "list"
    for name in ("accommodations", "minutes"):
        if not getattr(person, name) and getattr(one, name):
            changes[name] = getattr(one, name)
    return person.model_copy(update=changes)


def _drawn(taken: set[str]) -> str:
    while True:
        name = "c-" + "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        if name not in taken:
            return name


def find_person(key: Key, who: str, *, path: Path) -> Person:
    """Find somebody by pseudonym, name or submission.

    Raises
    ------
    UsageError
        If nobody, or more than one, is meant.
    """
    found = [one for one in key.people if _is_called(one, who)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{path}: `{who}` is {len(found)} people: {', '.join(one.pseudonym for one in found)}",
            fix="say the pseudonym",
        )
    known = [name for one in key.people for name in (one.pseudonym, one.candidate, one.submission) if name]
    raise UsageError(f"{path}: nobody is called `{who}`{nearest(who, known)}", fix="look into the key")


def _is_called(person: Person, who: str) -> bool:
    name = folded(who)
    return who in {person.pseudonym, person.submission} or (bool(name) and name == folded(person.candidate))


def ensure_apart(path: Path, out: Path) -> None:
    """Refuse a key inside the folder that others get to see."""
    if path.resolve().is_relative_to(out.resolve()):
        raise UnfitError(f"{path}: the key may not lie inside {out}", fix="name another place with --key")
