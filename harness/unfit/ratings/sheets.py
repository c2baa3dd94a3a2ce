"""Sheets: how an interviewer fills in a rating, at a terminal or in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError

from unfit.bank import read_manifest
from unfit.errors import UsageError
from unfit.files import write_atomically
from unfit.ratings.rating_records import Mark, Sheet
from unfit.ratings.scale import DIMENSIONS, NOT_SEEN, SCALE, Dimension

__all__ = ["begin_sheet", "read_sheet", "sheet_by"]

HEADER = """\
# Rate alone, before you speak with the others. Write down what you saw or heard; do not add anything up.
# `rating` is 1, 2, 3 or 4, or "not seen" where the talk did not come to it. `words` are needed either way.
"""


def begin_sheet(path: Path, rater: str) -> None:
    """Write a sheet to fill in."""
    write_atomically(path, "\n".join(_lines(rater)) + "\n")


def _lines(rater: str) -> Iterator[str]:
    yield f"{HEADER}format = 1\nrater = {tomlkit.item(rater).as_string()}"
    for one in DIMENSIONS:
        yield f"\n[{one.name}]\n# {one.question}"
        yield from (f"# {number}: {anchor}" for number, anchor in zip(SCALE, one.anchors, strict=True))
        yield 'rating = 0\nwords = ""'


def read_sheet(path: Path, *, rater: str = "") -> Sheet:
    """Read a sheet that was filled in.

    Raises
    ------
    ManifestError
        If something is left open; names what.
    UsageError
        If it is another rater's.
    """
    sheet = read_manifest(path, Sheet)
    if rater and sheet.rater.casefold() != rater.casefold():
        raise UsageError(f"{path}: is the sheet of {sheet.rater}", fix="name another file with --answers")
    return sheet


def sheet_by(rater: str, *, ask: Callable[[str], str], say: Callable[[str], None]) -> Sheet:
    """Take a rating from somebody who is asked one thing after the other.

    Parameters
    ----------
    rater : str
    ask, say : callable
        Ask for a line; show one.
    """
    marks = {one.name: _asked(one, ask, say) for one in DIMENSIONS}
    return Sheet.model_validate({"rater": rater, **marks})


def _asked(one: Dimension, ask: Callable[[str], str], say: Callable[[str], None]) -> Mark:
    say(f"\n{one.name.capitalize()}: {one.question}")
    for number, anchor in zip(SCALE, one.anchors, strict=True):
        say(f"  {number}  {anchor}")
    while True:
        said = ask('1 to 4, or "not seen":').strip()
        rating: Any = int(said) if said in map(str, SCALE) else said.casefold()
        if rating not in {*SCALE, NOT_SEEN}:
            continue
        try:
            return Mark(rating=rating, words=ask("What did you see or hear?"))
        except ValidationError as error:
            say(str(error.errors()[0]["msg"]).removeprefix("Value error, "))
