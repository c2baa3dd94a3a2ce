"""The key: which pseudonym stands for whom, in a file of its own that no page is made from."""

from __future__ import annotations

import csv
import datetime as dt
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self, get_args

import tomlkit
from pydantic import ConfigDict, Field, ValidationError, model_validator

from unfit.bank import read_manifest
from unfit.bank.suggesting import nearest
from unfit.bank.trees import is_junk
from unfit.errors import UnfitError, UsageError
from unfit.files import discard_unfinished, write_atomically
from unfit.records import Record

__all__ = [
    "Handed",
    "Key",
    "Kind",
    "Person",
    "ensure_apart",
    "find_person",
    "handed_in",
    "key_of",
    "read_key",
    "with_everybody",
    "write_key",
]

Kind = Literal["person", "simulated"]
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
    receipt: str = ""
    """Of the export; it leads to the ledger's entry."""
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
        known = self.model_dump(by_alias=True, exclude_none=True)
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


class Handed(Record):
    """One submission as it lies there, with what a list says of it."""

    submission: str
    folder: str
    candidate: str = ""
    kind: Kind = "person"
    accommodations: str = ""
    minutes: int | None = None


COLUMNS = tuple(name for name in Handed.model_fields if name != "folder")
"""What a list may say of a submission."""


def handed_in(source: Path, *, kind: Kind = "person") -> tuple[Handed, ...]:
    """List the submissions of a folder, or of a CSV file with their paths.

    Parameters
    ----------
    source : Path
        A folder with one entry a submission, or a list with the column ``submission`` and, where wanted,
        ``candidate``, ``kind``, ``accommodations`` and ``minutes``.
    kind : {"person", "simulated"}
        Who wrote them, where a list does not say.

    Raises
    ------
    UsageError
        If there is no such folder or list, it is empty, names a path twice, or has another column.
    """
    if source.is_dir():
        found = [
            Handed(submission=_name(path, source), folder=str(source.resolve()), kind=kind)
            for path in sorted(source.iterdir())
            if not path.name.startswith(".") and not is_junk(path.name)
        ]
    elif source.is_file():
        found = list(_listed(source, kind))
    else:
        raise UsageError(
            f"{source}: there is no such folder or list", fix="name a folder of submissions, or a CSV file"
        )
    if not found:
        raise UsageError(f"{source}: holds no submission", fix="put one folder or archive a candidate there")
    return tuple(found)


def _name(path: Path, folder: Path) -> str:
    name = path.name
    if not name.isprintable():
        raise UsageError(
            f"{folder}: the name {name!r} cannot be written down", fix="rename that submission; then go on"
        )
    return name


def _listed(source: Path, kind: Kind) -> Iterator[Handed]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _check_columns(source, reader.fieldnames or ())
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{source}: is no CSV file: {error}", fix="save it as CSV, UTF-8, with a line of column names"
        ) from None
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        one = _row(source, number, row, kind)
        if seen.setdefault(one.submission, number) != number:
            raise UsageError(
                f"{source}:{number}: `{one.submission}` already stands in line {seen[one.submission]}",
                fix="list each submission once",
            )
        yield one


def _check_columns(source: Path, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in COLUMNS:
            raise UsageError(
                f"{source}: the column `{column}` is none that a cohort takes{nearest(column, COLUMNS)}",
                fix=f"keep only {', '.join(COLUMNS)}; who a person is, is never an input",
            )
    if "submission" not in columns:
        raise UsageError(f"{source}: has no column `submission`", fix="name the column with the paths so")


def _row(source: Path, number: int, row: dict[str, Any], kind: Kind) -> Handed:
    filled = {name: value.strip() for name, value in row.items() if name and value and value.strip()}
    try:
        return Handed.model_validate({"kind": kind, **filled, "folder": str(source.parent.resolve())})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"{source}:{number}: `{where}`: {first['msg']}",
            fix=f"mend the line; `kind` is one of {', '.join(get_args(Kind))}",
        ) from None


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


def with_everybody(key: Key, handed: Sequence[Handed]) -> Key:
    """Give a pseudonym to everybody who has none; it is drawn, so that it says nothing of the name or the order.

    Who was moved to another folder stays who they were.
    """
    people = {person.path: person for person in key.people}
    gone = {person.submission: path for path, person in people.items() if not os.path.lexists(path)}
    taken = {person.pseudonym for person in key.people}
    for one in handed:
        path = Path(one.folder, one.submission)
        if path in people:
            continue
        if one.submission in gone:
            moved = people.pop(gone.pop(one.submission))
            people[path] = moved.model_copy(update={"folder": one.folder})
        else:
            name = _drawn(taken)
            taken.add(name)
            people[path] = Person(pseudonym=name, **one.model_dump())
    return key.model_copy(update={"people": tuple(people.values())})


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
    found = [one for one in key.people if who in {one.pseudonym, one.candidate, one.submission}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{path}: `{who}` is {len(found)} people: {', '.join(one.pseudonym for one in found)}",
            fix="say the pseudonym",
        )
    known = [name for one in key.people for name in (one.pseudonym, one.candidate, one.submission) if name]
    raise UsageError(f"{path}: nobody is called `{who}`{nearest(who, known)}", fix="look into the key")


def ensure_apart(path: Path, out: Path) -> None:
    """Refuse a key inside the folder that others get to see."""
    if path.resolve().is_relative_to(out.resolve()):
        raise UnfitError(f"{path}: the key may not lie inside {out}", fix="name another place with --key")
