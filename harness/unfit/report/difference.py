"""The shipped lines of a file beside the candidate's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, Protocol

from unfit.notebook_cells import named_alike, saved_cells
from unfit.report.harmless_text import visible
from unfit.report.moved_files import moved_files

__all__ = [
    "DifferenceRow",
    "FileDifference",
    "Hunk",
    "PlaceLike",
    "Source",
    "compare",
    "compare_all",
    "read_source",
]

Kind = Literal["same", "changed", "removed", "added"]
Pair = tuple[int | None, int | None]
Parts = tuple[tuple[str, bool], ...]
"""A line in pieces, each with whether it differs from its neighbour."""

# Aligning is quadratic at worst; beyond this a file is named and not shown.
MOST_LINES = 3000
MOST_BYTES = 400_000
MOST_WIDTH = 240
MOST_ROWS = 400
MOST_ROWS_ELSEWHERE = 80
MOST_PAIRS = 4000
CONTEXT = 3
ALIKE = 0.5

WRITTEN = (
    ".cfg",
    ".ini",
    ".ipynb",
    ".md",
    ".py",
    ".sh",
    ".sql",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    "Makefile",
)
"""What a person writes; all else is data, or was made by a program."""

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class PlaceLike(Protocol):
    """Where an edit stands in the shipped files; lines count from one, and both are 0 where the text is absent."""

    @property
    def file(self) -> str:
        """The path."""

    @property
    def cell(self) -> str | None:
        """The id of a notebook's cell."""

    @property
    def first(self) -> int:
        """The first planted line."""

    @property
    def last(self) -> int:
        """The last planted line."""


@dataclass(frozen=True)
class Source:
    """The lines of a file, each with its place: a notebook's cell, and a line number that is 0 for a cell's head."""

    lines: tuple[str, ...] = ()
    spots: tuple[tuple[str | None, int], ...] = ()
    note: str = ""

    def label(self, index: int) -> str:
        """Write the line's number, as people say it."""
        return str(self.spots[index][1] or "")


@dataclass(frozen=True)
class DifferenceRow:
    """One line of the shipped file beside one of the candidate's."""

    kind: Kind
    left: Parts = ()
    right: Parts = ()
    left_label: str = ""
    right_label: str = ""
    planted: bool = False


@dataclass(frozen=True)
class Hunk:
    """Neighbouring rows; ``here`` where they are what the reader came for."""

    rows: tuple[DifferenceRow, ...]
    here: bool = True

    @property
    def still(self) -> bool:
        """Tell whether nothing in it was changed."""
        return all(row.kind == "same" for row in self.rows)


@dataclass(frozen=True)
class FileDifference:
    """What became of one file, told in a note and in hunks."""

    file: str
    note: str = ""
    hunks: tuple[Hunk, ...] = ()

    @property
    def here(self) -> tuple[Hunk, ...]:
        """The hunks to show first."""
        return tuple(hunk for hunk in self.hunks if hunk.here)

    @property
    def rest(self) -> tuple[Hunk, ...]:
        """What else changed in the file."""
        return tuple(hunk for hunk in self.hunks if not hunk.here)


def read_source(file: str, content: bytes, *, shipped: bytes | None = None) -> Source:
    """Split a file into lines; of a notebook take the cells' source and never an output.

    Parameters
    ----------
    file : str
        The path; notebooks are told by their ending.
    content : bytes
        What the file holds.
    shipped : bytes, optional
        What it held when it was handed out: a notebook's cells are called as they were then.
    """
    if len(content) > MOST_BYTES:
        return Source(note=f"too large to show ({len(content):,} bytes)")
    if file.endswith(".ipynb"):
        return _cells(content, shipped)
    if b"\x00" in content:
        return Source(note="not a text file")
    lines = _split(content.decode("utf-8", errors="replace"))
    if len(lines) > MOST_LINES:
        return Source(note=f"too long to show ({len(lines):,} lines)")
    return Source(lines, tuple((None, number) for number in range(1, len(lines) + 1)))


def _split(text: str) -> tuple[str, ...]:
    """Split at line feeds only: a lone carriage return hides what stands before it, so it must show."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    return tuple(visible(line[:MOST_WIDTH]) + (" …" if len(line) > MOST_WIDTH else "") for line in lines)


def _cells(content: bytes, shipped: bytes | None) -> Source:
    cells = saved_cells(content)
    if cells is None:
        return Source(note="not a notebook that can be read")
    lines: list[str] = []
    spots: list[tuple[str | None, int]] = []
    names = named_alike(() if shipped is None else saved_cells(shipped) or (), cells)
    for name, cell in zip(names, cells, strict=True):
        source = _split(cell.source)
        lines += [f"── cell {visible(name[:MOST_WIDTH])} ──", *source]
        spots += [(name, number) for number in range(len(source) + 1)]
    if len(lines) > MOST_LINES:
        return Source(note=f"too long to show ({len(lines):,} lines)")
    return Source(tuple(lines), tuple(spots))


def compare(
    file: str,
    shipped: bytes | None,
    submitted: bytes | None,
    places: Sequence[PlaceLike] = (),
    *,
    moved_to: str = "",
) -> FileDifference:
    """Lay the shipped lines beside the candidate's, with a little context around what matters.

    Parameters
    ----------
    file : str
        The path in both trees; notebooks are told by their ending.
    shipped, submitted : bytes or None
        The two contents; ``None`` where the file does not exist.
    places : sequence of PlaceLike, default=()
        Where planted text stands in the shipped file: those lines are marked, shown though nobody changed
        them, and come before what else changed.
    moved_to : str, default=""
        Where the file lies in the candidate's tree, if it lies elsewhere there.
    """
    left, right = read_source(file, shipped or b""), read_source(file, submitted or b"", shipped=shipped)
    note = _note(shipped, submitted, left, right)
    if moved_to:
        unchanged = ", and did not change it." if shipped == submitted else "."
        note = f"The candidate moved this file to {moved_to}{unchanged}{_aside(left) or _aside(right)}"
    if left.note or right.note:
        return FileDifference(file, note)
    return FileDifference(file, note, _hunks(_rows(left, right, _planted(file, left, places))))


def _note(shipped: bytes | None, submitted: bytes | None, left: Source, right: Source) -> str:
    if shipped is None and submitted is None:
        return "This file is new in our solution. The candidate has no such file."
    if shipped is None:
        return "The candidate added this file." + _aside(right)
    if submitted is None:
        return "The candidate removed this file." + _aside(left)
    if shipped == submitted:
        return "The candidate did not change this file." + _aside(left)
    return (_aside(left) or _aside(right)).strip()


def _aside(source: Source) -> str:
    return f" Its lines are not shown: {source.note}." if source.note else ""


def _planted(file: str, source: Source, places: Iterable[PlaceLike]) -> frozenset[int]:
    """Find the lines that hold planted text."""
    here = [place for place in places if place.file == file]
    return frozenset(
        index
        for index, (cell, number) in enumerate(source.spots)
        if any(place.cell == cell and number and place.first <= number <= place.last for place in here)
    )


def _rows(left: Source, right: Source, planted: frozenset[int]) -> list[DifferenceRow]:
    """Align two files line by line."""
    rows: list[DifferenceRow] = []
    matcher = SequenceMatcher(None, left.lines, right.lines, autojunk=len(left.lines) > MOST_LINES // 4)
    for tag, top, bottom, first, last in matcher.get_opcodes():
        if tag == "equal":
            pairs: list[Pair] = list(zip(range(top, bottom), range(first, last), strict=True))
        else:
            pairs = _pairs(left.lines, right.lines, range(top, bottom), range(first, last))
        rows += [_row(left, right, here, there, planted) for here, there in pairs]
    return rows


def _pairs(before: Sequence[str], after: Sequence[str], removed: range, added: range) -> list[Pair]:
    """Set lines that say much the same beside each other, by the alignment with the most words in common."""
    if not removed or not added or len(removed) * len(added) > MOST_PAIRS:
        return [(here, None) for here in removed] + [(None, there) for there in added]
    words = [Counter(_TOKEN.findall(before[here])) for here in removed]
    others = [Counter(_TOKEN.findall(after[there])) for there in added]
    best = [[0.0] * (len(added) + 1) for _ in range(len(removed) + 1)]
    for i in reversed(range(len(removed))):
        for j in reversed(range(len(added))):
            joined = _likeness(words[i], others[j]) + best[i + 1][j + 1]
            best[i][j] = max(joined, best[i + 1][j], best[i][j + 1])
    return _walk(best, removed, added)


def _walk(best: list[list[float]], removed: range, added: range) -> list[Pair]:
    """Read the alignment off its table."""
    pairs: list[Pair] = []
    i = j = 0
    while i < len(removed) or j < len(added):
        if j == len(added) or (i < len(removed) and best[i][j] == best[i + 1][j]):
            pairs.append((removed[i], None))
            i += 1
        elif i == len(removed) or best[i][j] == best[i][j + 1]:
            pairs.append((None, added[j]))
            j += 1
        else:
            pairs.append((removed[i], added[j]))
            i, j = i + 1, j + 1
    return pairs


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Share of words in common; nothing where the lines are hardly alike."""
    share = 2 * (one & other).total() / ((one.total() + other.total()) or 1)
    return share if share >= ALIKE else 0.0


def _row(
    left: Source, right: Source, here: int | None, there: int | None, planted: frozenset[int]
) -> DifferenceRow:
    before = "" if here is None else left.lines[here]
    after = "" if there is None else right.lines[there]
    if here is None or there is None:
        kind: Kind = "added" if here is None else "removed"
        parts: tuple[Parts, Parts] = ((before, False),), ((after, False),)
    else:
        kind = "same" if before == after else "changed"
        parts = _marked(before, after) if kind == "changed" else (((before, False),), ((after, False),))
    return DifferenceRow(
        kind,
        *parts,
        "" if here is None else left.label(here),
        "" if there is None else right.label(there),
        here in planted,
    )


def _marked(before: str, after: str) -> tuple[Parts, Parts]:
    """Mark the words in which two lines differ."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, top, bottom, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left += [("".join(old[top:bottom]), tag != "equal")] if bottom > top else []
        right += [("".join(new[first:last]), tag != "equal")] if last > first else []
    return tuple(left), tuple(right)


def _hunks(rows: list[DifferenceRow]) -> tuple[Hunk, ...]:
    """Part the planted lines, and the changes that touch them, from whatever else changed."""
    runs = _runs([index for index, row in enumerate(rows) if row.kind != "same" or row.planted])
    planted = [run for run in runs if any(rows[index].planted for index in run)]
    here = planted or runs
    rest = [run for run in runs if run not in here]
    return (*_around(here, rows, here=True), *_around(rest, rows, here=False))


def _runs(indices: Sequence[int]) -> list[list[int]]:
    """Group numbers that follow each other without a gap."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _around(runs: list[list[int]], rows: list[DifferenceRow], *, here: bool) -> list[Hunk]:
    """Add a few lines around each run, and join those that then touch."""
    near = {
        close
        for run in runs
        for close in range(run[0] - CONTEXT, run[-1] + CONTEXT + 1)
        if 0 <= close < len(rows)
    }
    return [Hunk(tuple(rows[index] for index in run), here) for run in _runs(sorted(near)[:MOST_ROWS])]


def compare_all(
    shipped: Mapping[str, bytes], submitted: Mapping[str, bytes], *, but: Container[str], most: int
) -> list[FileDifference]:
    """Compare the files that differ between two trees, what a person wrote first.

    First come changed code and text, then what was added, what was removed, and data; of a file in which nothing that
    is shown differs, only the name is told, all of them in one note at the end. Of many files only the first ones are
    compared, and the rest is counted.

    Parameters
    ----------
    shipped, submitted : mapping of str to bytes
        What was handed out, and what came back. A file that lies elsewhere now is told where it lay.
    but : container of str
        Files that are shown elsewhere.
    most : int
        How many files are compared.

    Returns
    -------
    changes : list of FileDifference
    """
    moved = moved_files(shipped, submitted)
    arrived = set(moved.values())
    files = [
        file
        for file in set(shipped) | set(submitted)
        if file not in but and file not in arrived and shipped.get(file) != submitted.get(file)
    ]
    came = submitted.keys() | moved.keys()
    files.sort(key=lambda file: (_rank(file, shipped, came), file))
    compared = [
        _shortened(
            compare(
                file,
                shipped.get(file),
                submitted.get(moved.get(file, file)),
                moved_to=moved.get(file, ""),
            )
        )
        for file in files[:most]
    ]
    changes = [change for change in compared if change.hunks or change.note]
    alike = [change.file for change in compared if not change.hunks and not change.note]
    if alike:
        changes.append(FileDifference(", ".join(alike), "Only outputs, counts or line ends differ."))
    more = len(files) - len(compared)
    return [*changes, FileDifference("…", f"{more:,} further files differ.")] if more else changes


def _rank(file: str, shipped: Container[str], submitted: Container[str]) -> int:
    """Say in which part of the list a file comes."""
    if not file.endswith(WRITTEN):
        return 3
    if file not in submitted:
        return 2
    return 0 if file in shipped else 1


def _shortened(change: FileDifference) -> FileDifference:
    """Show no more of a file than somebody reads who looks for what else was done."""
    hunks: list[Hunk] = []
    left = MOST_ROWS_ELSEWHERE
    for hunk in change.hunks:
        if left <= 0:
            break
        hunks.append(Hunk(hunk.rows[:left], hunk.here))
        left -= len(hunk.rows)
    more = sum(len(hunk.rows) for hunk in change.hunks) - sum(len(hunk.rows) for hunk in hunks)
    if not more:
        return change
    return FileDifference(
        change.file, f"{change.note} {more:,} further lines are not shown.".strip(), tuple(hunks)
    )
