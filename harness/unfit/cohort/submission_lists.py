"""Lists: which submissions there are, from a folder or from a table as spreadsheets write it."""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from unfit.bank.nearest_word import nearest
from unfit.bank.trees import is_junk
from unfit.cohort.fingerprint import fingerprint
from unfit.cohort.list_encoding import decoded
from unfit.errors import UsageError
from unfit.forgotten import Marks
from unfit.records import Record
from unfit.submission import SUFFIXES
from unfit.submission.path_names import junk

__all__ = ["COLUMNS", "HandedIn", "Kind", "Roll", "handed_in", "real", "without_forgotten"]

Kind = Literal["person", "simulated"]
COLUMNS = ("submission", "candidate", "kind", "accommodations", "minutes")
"""What a list may say of a submission."""
SEPARATORS = (",", ";", "\t", "|")
NONE = "\x1f"
"""In place of a separator, where a list has one column: no text holds it."""
ARCHIVES = (*SUFFIXES, ".gz", ".7z", ".rar", ".zst", ".xz", ".bz2")
CODE = (".ipynb", ".py")
"""One file of a project: somebody handed it in by itself, and is told so."""
MAGIC = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"# v2 git",
    b"# v3 git",
)
TAR = (257, b"ustar")
MOST_TOLD = 20
MOST_SEARCHED = 2000


class HandedIn(Record):
    """One submission as it lies there, with what a list says of it."""

    submission: str
    folder: str
    candidate: str = ""
    kind: Kind = "person"
    accommodations: str = ""
    minutes: int | None = None

    @property
    def path(self) -> Path:
        """Where the submission lies."""
        return Path(self.folder, self.submission)


@dataclass(frozen=True)
class Roll:
    """What was handed in.

    Parameters
    ----------
    handed : tuple of HandedIn
    told : tuple of str
        What lies beside the submissions and is none, who was forgotten, and in which encoding a list was read: a
        sentence each.
    """

    handed: tuple[HandedIn, ...]
    told: tuple[str, ...] = ()


def handed_in(source: Path, *, kind: Kind = "person", marks: Marks | None = None) -> Roll:
    """List the submissions of a folder, or of a table with their paths.

    Parameters
    ----------
    source : Path
        A folder with one entry a submission, or a table with the column ``submission`` and, where wanted,
        ``candidate``, ``kind``, ``accommodations`` and ``minutes``: cells parted by commas, semicolons or tabs,
        in any encoding that spreadsheets write.
    kind : {"person", "simulated"}
        Who wrote them, where a list does not say.
    marks : Marks, optional
        Of people who were forgotten; a line that names one of them is left out.

    Raises
    ------
    UsageError
        If there is no such folder or list, it is empty, a path leads nowhere or is there twice, a line has more
        cells than there are columns, or a cell cannot be meant. All such lines are named at once.
    """
    if source.is_dir():
        roll = _of_folder(source, kind)
    elif source.is_file():
        roll = _Table(source, kind, marks or Marks()).read()
    else:
        raise UsageError(
            f"{source}: there is no such folder or list", fix="name a folder of submissions, or a CSV file"
        )
    if not roll.handed:
        beside = "".join(f"\n  {said}" for said in roll.told[:MOST_TOLD])
        raise UsageError(
            f"{source}: holds no submission{beside}", fix="put one folder or archive a candidate there"
        )
    return roll


# A folder


def _of_folder(source: Path, kind: Kind) -> Roll:
    handed, told = [], []
    for path in sorted(source.iterdir()):
        if path.name.startswith(".") or is_junk(path.name) or junk(path.name):
            continue
        why = _no_submission(path)
        if why:
            told.append(f"{ascii(path.name) if not path.name.isprintable() else path.name}: {why}; left out")
            continue
        handed.append(HandedIn(submission=_name(path, source), folder=str(source.resolve()), kind=kind))
    return Roll(tuple(handed), tuple(told))


def _no_submission(path: Path) -> str:
    """Say why an entry of a folder of submissions is none; empty where it is one."""
    if path.is_symlink() and path.exists() and path.resolve().parent == path.parent.resolve():
        return f"is a link to {path.resolve().name}, which lies beside it"
    if path.is_dir():
        return "is a cohort's own folder" if (path / "cohort.json").is_file() else ""
    name = path.name.casefold()
    if path.is_symlink() or name.endswith((*ARCHIVES, *CODE)) or _is_archive(path):
        return ""
    return "is no submission"


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except OSError:
        return False
    return head.startswith(MAGIC) or head[TAR[0] :].startswith(TAR[1])


def _name(path: Path, folder: Path) -> str:
    name = path.name
    if not name.isprintable():
        raise UsageError(
            f"{folder}: the name {name!r} cannot be written down", fix="rename that submission; then go on"
        )
    return name


def real(path: Path) -> str:
    """Write a path so that all spellings of one file are one text."""
    return unicodedata.normalize("NFC", os.path.realpath(path))


# A list


@dataclass
class _Table:
    """One list while it is read; every line that is wrong is named before anything is refused."""

    source: Path
    kind: Kind
    marks: Marks
    wrong: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)
    seen: dict[object, int] = field(default_factory=dict)

    def read(self) -> Roll:
        """Read all lines."""
        handed = []
        text, guessed = decoded(self.source)
        self.told += [guessed] if guessed else []
        rows = self._rows(text)
        head = next(rows, None)
        if head is None:
            raise UsageError(
                f"{self.source}: is empty", fix="begin it with a line of column names: submission,candidate"
            )
        padded = any(cell.startswith(" ") for cell in head[1])
        for number, row in rows:
            one = self._row(number, row, padded=padded)
            if one is not None:
                handed.append(one)
        if self.wrong:
            more = len(self.wrong) - MOST_TOLD
            told = self.wrong[:MOST_TOLD] + ([f"and {more} more"] if more > 0 else [])
            raise UsageError(
                "\n  ".join(told),
                fix="mend these lines, then run the same command; nothing was graded. "
                f"A list has the columns {', '.join(COLUMNS)}, and a cell that holds its separator stands in quotes",
            )
        return Roll(tuple(handed), tuple(self.told))

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Give the line of column names, then all others, each with the number of its first line."""
        first, text = _without_hint(text)
        start = next((n for n, line in enumerate(text.splitlines()) if line.strip(' \t,;|"')), None)
        if start is None:
            return
        head = text.splitlines()[start]
        separator = _separator(head)
        begun = 0
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
            for row in reader:
                number, begun = begun + 1 + first, reader.line_num
                if not any(cell.strip() for cell in row):
                    continue
                if not self.columns:
                    self._take_columns(number, row)
                yield number, row
        except csv.Error as error:
            raise UsageError(
                f"{self.source}:{begun + 1 + first}: is no line of a CSV file: {error}",
                fix="look at the quotes there: a cell that begins with one ends with one, and doubles those within",
            ) from None

    def _take_columns(self, number: int, row: Sequence[str]) -> None:
        for place, cell in enumerate(row):
            name = " ".join(cell.casefold().split())
            if not name:
                continue
            if name not in COLUMNS:
                raise UsageError(
                    f"{self.source}:{number}: the column `{cell.strip()}` is none that a cohort takes"
                    f"{nearest(name, COLUMNS)}",
                    fix=f"keep only {', '.join(COLUMNS)}; who a person is, is never an input",
                )
            if name in self.columns.values():
                raise UsageError(
                    f"{self.source}:{number}: has the column `{name}` twice", fix="keep one of them"
                )
            self.columns[place] = name
        if "submission" not in self.columns.values():
            raise UsageError(
                f"{self.source}:{number}: has no column `submission`", fix="name the column with the paths so"
            )

    def _row(self, number: int, row: list[str], *, padded: bool) -> HandedIn | None:
        if list(self.columns) == [0] and len(row) == 1:
            row = self._one_cell(row[0])
        before = len(self.wrong)
        filled: dict[str, str] = {}
        for place, cell in enumerate(row):
            value = cell.strip()
            if place in self.columns:
                filled |= {self.columns[place]: value} if value else {}
            elif value:
                self._blame(number, place, f"`{value}` stands under no column")
        self._look_for_cut_names(number, row, padded=padded)
        values = {
            "kind": self._kind(number, filled),
            "minutes": self._minutes(number, filled),
            "submission": self._submission(number, filled),
        }
        if len(self.wrong) > before or values["submission"] is None:
            return None
        return HandedIn.model_validate({**filled, **values, "folder": str(self.source.parent.resolve())})

    def _one_cell(self, cell: str) -> list[str]:
        """Keep a line of the only column whole where it is a path, and part it where it can only be several cells."""
        if self._found(cell.strip()) is not None:
            return [cell]
        return next(
            (row for mark in SEPARATORS if len(row := next(csv.reader([cell], delimiter=mark))) > 1), [cell]
        )

    def _blame(self, number: int, place: int | str, what: str) -> None:
        if isinstance(place, str):
            place = next(n for n, name in self.columns.items() if name == place)
        name = f" (`{self.columns[place]}`)" if place in self.columns else ""
        self.wrong.append(f"{self.source}:{number}: column {place + 1}{name}: {what}")

    def _look_for_cut_names(self, number: int, row: Sequence[str], *, padded: bool) -> None:
        """Refuse `Kite, Ben` without quotes: the comma would cut the name, and Ben become something else."""
        places = {name: place for place, name in self.columns.items()}
        name = places.get("candidate")
        if padded or name is None or name + 1 >= len(row):
            return
        cell, following = row[name], row[name + 1]
        if cell.strip() and not cell.startswith(" ") and following.startswith(" ") and following.strip():
            self._blame(
                number, name + 1, f"`{following.strip()}` begins with a space, as if a comma had cut `{cell}`"
            )

    def _kind(self, number: int, filled: Mapping[str, str]) -> str:
        kind = filled.get("kind", self.kind).casefold()
        if kind not in get_args(Kind):
            self._blame(number, "kind", f"`{filled['kind']}` is none of {', '.join(get_args(Kind))}")
        return kind

    def _minutes(self, number: int, filled: Mapping[str, str]) -> int | None:
        said = filled.get("minutes")
        if said is None:
            return None
        whole = re.fullmatch(r"(\d{1,5})(?:[.,]0{1,2})?", said, re.ASCII)
        if whole is None:
            self._blame(number, "minutes", f"`{said}` is no whole number of minutes")
            return None
        return int(whole[1])

    def _submission(self, number: int, filled: Mapping[str, str]) -> str | None:
        said = filled.get("submission", "")
        if not said:
            self._blame(number, "submission", "names no path")
            return None
        if any(unicodedata.category(character) == "Cc" for character in said):
            self._blame(number, "submission", f"{said!r} cannot be a path: it holds what cannot be printed")
            return None
        found = self._found(said)
        path = self.source.parent / (found or said)
        gone = None if found else self.marks.when(("place", real(path)))
        forgotten = self.marks.when(("name", filled.get("candidate", ""))) or gone
        if forgotten is not None:
            self._leave_out(number, said, forgotten, lies_there=found is not None)
            return None
        if found is None:
            self._blame(number, "submission", f"there is no `{said}`{self._nearest(said)}")
            return None
        return found if self._first(number, found) else None

    def _leave_out(self, number: int, said: str, when: object, *, lies_there: bool) -> None:
        also = f", and delete {said}" if lies_there else ""
        self.told.append(
            f"{self.source}:{number}: names somebody who was forgotten on {when}; left out. "
            f"Take the line out of the list{also}"
        )

    def _first(self, number: int, found: str) -> bool:
        """Refuse a file that another line has named, whatever the spelling."""
        path = self.source.parent / found
        if self.source.resolve().is_relative_to(path.resolve()):
            self._blame(number, "submission", f"`{found}` holds this list, so it is no submission")
            return False
        facts = path.stat()
        names: tuple[object, ...] = (real(path).casefold(), (facts.st_dev, facts.st_ino))
        line = next((self.seen[name] for name in names if name in self.seen), None)
        if line is not None:
            self._blame(
                number, "submission", f"`{found}` already stands in line {line}; list each submission once"
            )
            return False
        self.seen |= dict.fromkeys(names, number)
        return True

    def _found(self, said: str) -> str | None:
        """Find what is meant: the path as it is written, with Windows' strokes, or in another form of Unicode."""
        for spelled in dict.fromkeys((said, said.replace("\\", "/"))):
            text = os.path.normpath(spelled)
            for form in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)):
                try:
                    if (self.source.parent / form).exists():
                        return form
                except (OSError, ValueError):
                    continue
        return None

    def _nearest(self, said: str) -> str:
        """Name the file that was meant, most likely: among those beside it, else among all below the list."""
        folder = self.source.parent
        there = []
        for base, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and not junk(name))
            there += [Path(base, name).relative_to(folder).as_posix() for name in [*folders, *sorted(names)]]
            if len(there) > MOST_SEARCHED:
                break
        there = [name for name in there if not name.startswith(".") and folder / name != self.source]
        called = [name for name in there if Path(name).name.casefold() == Path(said).name.casefold()]
        if called:
            return f"; the nearest is `{called[0]}`"
        close = difflib.get_close_matches(
            said.casefold(), [name.casefold() for name in there], n=1, cutoff=0.5
        )
        found = next((name for name in there if close and name.casefold() == close[0]), None)
        return f"; the nearest is `{found}`" if found else f" below {folder.resolve()}"


def _without_hint(text: str) -> tuple[int, str]:
    """Take off `sep=;`, which Excel writes and reads as a first line; say how many lines that were."""
    hint = re.match(r"sep=.\r?\n", text, re.IGNORECASE)
    return (1, text[hint.end() :]) if hint else (0, text)


def _separator(head: str) -> str:
    """Find what parts the cells: whatever makes `submission` a cell of its own in the line of column names."""
    cells = {mark: next(csv.reader([head], delimiter=mark), []) for mark in SEPARATORS}
    named = {
        mark: len(row)
        for mark, row in cells.items()
        if any(cell.strip().casefold() == "submission" for cell in row)
    } or {mark: len(row) for mark, row in cells.items()}
    best = max(named, key=lambda mark: named[mark])
    return best if named[best] > 1 else NONE


def without_forgotten(roll: Roll, marks: Marks, *, out: Path) -> Roll:
    """Leave out what lies there of people who were forgotten, and the cohort's own folder."""
    own = real(out)
    kept: list[HandedIn] = []
    told = list(roll.told)
    for one in roll.handed:
        if real(one.path) == own:
            continue
        when = None
        if marks.marks:
            when = marks.when(("content", fingerprint(one.path)), ("name", one.candidate))
        if when is None:
            kept.append(one)
        else:
            told.append(
                f"{one.submission}: is of somebody who was forgotten on {when}; left out. Delete it, "
                "and take it out of your lists"
            )
    return Roll(tuple(kept), tuple(told))
