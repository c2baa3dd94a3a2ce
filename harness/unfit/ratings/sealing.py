"""Sealing: a rating is committed to by its hash, and stays with its rater until another has committed as well."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from unfit.errors import UnfitError, UsageError
from unfit.files import write_atomically
from unfit.ratings.rating_records import Rating, Sheet
from unfit.records import Record

__all__ = ["FOLDER", "State", "discard", "hand_in", "read_open", "settle"]

FOLDER = "ratings"
"""In the folder of a grade: one file a rater."""
ENOUGH = 2
"""Raters whose ratings are opened together."""


class _File(Record):
    """What lies in the folder of a grade: the seal alone, and the rating once it is open."""

    format: Literal[1] = 1
    rater: str
    sealed: str
    """SHA-256 of salt and rating: whoever changes the rating afterwards is found out."""
    salt: str = ""
    rating: Rating | None = None


@dataclass(frozen=True)
class State:
    """How far the ratings of a grade have come.

    Parameters
    ----------
    open : tuple of Rating
        Those that can be read, by name of rater.
    closed : tuple of str
        Raters whose rating is sealed.
    """

    open: tuple[Rating, ...]
    closed: tuple[str, ...]

    @property
    def comparable(self) -> bool:
        """Whether there are two to set side by side."""
        return len(self.open) >= ENOUGH

    def __str__(self) -> str:
        """Say it, and who has to do what."""
        names = ", ".join(self.closed)
        if not self.open and not self.closed:
            return 'nobody has rated yet: say your name with --rater "NAME"'
        if len(self.open) + len(self.closed) < ENOUGH:
            return f"sealed: {names}. Ratings are opened when one more interviewer has rated."
        if self.closed:
            return (
                f"enough have rated. To open theirs, let them run this command on their own machine: {names}"
            )
        return f"open: {', '.join(one.sheet.rater for one in self.open)}"


def hand_in(folder: Path, sheet: Sheet, *, exercise: str, submission: str, store: Path) -> Path:
    """Hand a rating in: its hash goes beside the grade, the rating itself into the rater's own folder.

    Parameters
    ----------
    folder : Path
        Of the grade.
    sheet : Sheet
    exercise, submission : str
        What the talk was about: the exercise's name, and the digest of the work.
    store : Path
        A folder of the rater's, which nobody else reads.

    Raises
    ------
    UsageError
        If this rater has rated before.
    """
    rating = Rating(
        sheet=sheet,
        exercise=exercise,
        submission=submission,
        when=dt.datetime.now(dt.UTC).replace(microsecond=0),
        after=tuple(one.sheet.rater for one in read_open(folder)),
    )
    rater = sheet.rater
    path = folder / FOLDER / f"{_slug(rater)}.json"
    if path.exists():
        raise UsageError(
            f"{path}: {rater} has rated already, and a rating is not changed",
            fix="write another name if you are somebody else",
        )
    salt = secrets.token_hex(32)
    sealed = _hash(salt, rating)
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = store / f"{sealed}.json"
    before = os.umask(0o077)
    try:
        whole = _File(rater=rater, sealed=sealed, salt=salt, rating=rating)
        write_atomically(kept, whole.model_dump_json(indent=1, by_alias=True) + "\n")
    finally:
        os.umask(before)
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, _File(rater=rater, sealed=sealed).model_dump_json(indent=1) + "\n")
    return path


def settle(folder: Path, *, store: Path) -> State:
    """Open one's own ratings where enough have rated, and say how far it has come.

    Raises
    ------
    UnfitError
        If a rating is another than was sealed.
    """
    files = _files(folder)
    if len(files) >= ENOUGH:
        for path, file in files.items():
            kept = store / f"{file.sealed}.json"
            if file.rating is None and kept.is_file():
                opened = _read(kept)
                _check(kept, opened)
                write_atomically(path, opened.model_dump_json(indent=1, by_alias=True) + "\n")
                kept.unlink()
        files = _files(folder)
    ratings = sorted(
        (file.rating for file in files.values() if file.rating is not None),
        key=lambda one: one.sheet.rater.casefold(),
    )
    closed = tuple(sorted(file.rater for file in files.values() if file.rating is None))
    return State(tuple(ratings), closed)


def read_open(folder: Path) -> tuple[Rating, ...]:
    """Read the ratings of a grade that are open, by name of rater; what is sealed is left alone."""
    found = [file.rating for file in _files(folder).values() if file.rating is not None]
    return tuple(sorted(found, key=lambda one: one.sheet.rater.casefold()))


def discard(folder: Path, *, store: Path) -> None:
    """Delete what the rater at this machine has of sealed ratings of a grade."""
    for file in _files(folder).values():
        (store / f"{file.sealed}.json").unlink(missing_ok=True)


def _files(folder: Path) -> dict[Path, _File]:
    files = {path: _read(path) for path in sorted((folder / FOLDER).glob("*.json"))}
    for path, file in files.items():
        _check(path, file)
    return files


def _read(path: Path) -> _File:
    try:
        return _File.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnfitError(
            f"{path}: is no rating that `unfit rate` wrote: {str(error).splitlines()[0]}",
            fix="restore it, or delete it and let that interviewer rate again",
        ) from None


def _check(path: Path, file: _File) -> None:
    if file.rating is None:
        return
    whole = _hash(file.salt, file.rating) == file.sealed and file.rating.sheet.rater == file.rater
    if not whole:
        raise UnfitError(
            f"{path}: was changed after {file.rater} had sealed it",
            fix="ask what was changed and why; restore what was sealed",
        )


def _hash(salt: str, rating: Rating) -> str:
    plain = rating.model_dump(mode="json", by_alias=True)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()


def _slug(rater: str) -> str:
    """Make a file's name of a rater's; two raters whose names look alike get two files."""
    folded = " ".join(unicodedata.normalize("NFKC", rater).casefold().split())
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return (
        name
        if name.replace("-", " ") == folded
        else f"{name}-{hashlib.sha256(folded.encode()).hexdigest()[:6]}"
    )
