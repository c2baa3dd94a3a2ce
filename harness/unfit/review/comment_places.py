"""Places of comments: where in the code as handed out a comment stands that was written on a change.

A host numbers lines as they are before or after the change that it shows. Which of the two was handed out, it does not
know: the change may be the exercise's own, or the candidate's. So the line's text decides where the host sends it, and
what the candidate has changed where it does not.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from unfit.review.code_comments import shipped_lines
from unfit.review.places import cells_of
from unfit.scripts import cell_at, script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unfit.review.host_comments import Remark

__all__ = ["is_path", "place_of"]

LONGEST_FILE = 2 << 20
MOST_LINES = 8_000
LONGEST_LINE = 1_000
MOST_ROWS = 2_000
ALIKE = 0.5
"""The share of lines that a file keeps when it is moved."""
MOST_ABOVE = 200
HEADER = re.compile(r"@@ -(\d{1,7})(?:,\d{1,7})? \+(\d{1,7})(?:,\d{1,7})? @@")
Lines = tuple[str, ...]


@dataclass(frozen=True)
class ChangeLine:
    """One line of a change, with its numbers before and after it; None where it is not there."""

    text: str
    old: int | None
    new: int | None


def is_path(path: str) -> bool:
    """Tell whether a path can be one within a repository."""
    parts = path.split("/")
    return path.isprintable() and "\\" not in path and not {"", ".", ".."} & set(parts)


def place_of(remark: Remark, handed: Mapping[str, bytes], submitted: Mapping[str, bytes]) -> str:
    """Say where a comment stands, as a person would write it: ``src/serve.py:31-35``.

    Parameters
    ----------
    remark : Remark
    handed : mapping of str to bytes
        The files as they were handed out.
    submitted : mapping of str to bytes
        The candidate's files.

    Returns
    -------
    place : str
        A file alone where no line of it is meant, or none is found; a notebook's line is one of a cell. Empty for a
        comment on the whole, and for a path that cannot be one.
    """
    if not is_path(remark.path):
        return ""
    file = _origin(remark, handed, submitted)
    notebook = f"{file.removesuffix('.py')}.ipynb"
    scripted = file not in handed and notebook in handed
    if file not in handed and not scripted:
        return file
    content = script_of(handed[notebook], notebook) if scripted else handed[file]
    before = _lines(content)
    after = _lines(submitted.get(remark.path, submitted.get(file, content)))
    line = _line(remark, before, after)
    if scripted or file.endswith(".ipynb"):
        cell, line = _in_cell(line, content, script=scripted)
        file = notebook if scripted else file
        return f"{file}, cell `{cell}`, line {line}" if cell else file
    if line is None:
        return file
    first = max(1, line - min(remark.above, MOST_ABOVE))
    return f"{file}:{line}" if first == line else f"{file}:{first}-{line}"


def _origin(remark: Remark, handed: Mapping[str, bytes], submitted: Mapping[str, bytes]) -> str:
    """Find the file that a comment is on, under the name that it was handed out by."""
    for path in (remark.path, remark.old_path):
        if path in handed or f"{path.removesuffix('.py')}.ipynb" in handed:
            return path
        if ends := [file for file in handed if path.endswith(f"/{file}")]:
            return max(ends, key=len)
    ending = remark.path.rpartition(".")[2]
    gone = [file for file in handed if file not in submitted and file.rpartition(".")[2] == ending]
    now = _lines(submitted.get(remark.path, b""))
    shares = {file: difflib.SequenceMatcher(None, _lines(handed[file]), now).ratio() for file in gone}
    best = max(shares, key=lambda file: shares[file], default="")
    return best if best and shares[best] >= ALIKE else remark.path


def _line(remark: Remark, before: Lines, after: Lines) -> int | None:
    """Find the line of the file as handed out; None where nothing tells it."""
    rows = list(_rows(remark.hunk))
    if not rows:
        return _by_number(remark, before, after)
    row = rows[-1]
    old, new = remark.old_line, remark.line
    if remark.old_line is None and remark.line is None:  # only the place in the change is known
        old, new = row.old, row.new
    found = _by_text(row.text, (new, old, row.new, row.old), before, after)
    if found is not None:
        return found
    for near in reversed(rows[:-1]):  # the line itself was never handed out; the one above it was
        if near.text.strip() and (above := _by_text(near.text, (near.new, near.old), before, after)):
            return above
    return _within(new, before)


def _by_text(text: str, numbers: Sequence[int | None], before: Lines, after: Lines) -> int | None:
    """Find a line by its text: at one of its numbers, or where the candidate's own line was, or nearest to it."""
    known = [number for number in numbers if number]
    for number in known:
        if _at(before, number) == text:
            return number
    for number in known:
        if before != after and _at(after, number) == text:
            return _home(before, after)[number - 1]
    if not text.strip() or not known:
        return None
    same = [number for number, line in enumerate(before, start=1) if line == text]
    return min(same, key=lambda number: abs(number - known[0]), default=None)


def _by_number(remark: Remark, before: Lines, after: Lines) -> int | None:
    """Find a line of which only the numbers are known."""
    new, old = remark.line, remark.old_line
    if before == after:  # the change is the exercise's own, so what it took away was never handed out
        return _within(new, before)
    if new and old:  # unchanged: the numbers are of one line where the change is the candidate's
        return old if _at(before, old) == _at(after, new) else _within(new, before)
    if new:
        home = _home(before, after)
        return home[new - 1] if new <= len(home) else _within(new, before)
    return _within(old, before)


def _rows(hunk: str) -> Iterator[ChangeLine]:
    """Read a part of a change line by line."""
    lines = hunk.split("\n")
    header = HEADER.match(lines[0])
    if not header:
        return
    old, new = int(header[1]), int(header[2])
    for line in lines[1 : MOST_ROWS + 1]:
        mark, text = line[:1], line[1:][:LONGEST_LINE]
        if mark == "\\":  # no newline at the end of the file
            continue
        yield ChangeLine(text, None if mark == "+" else old, None if mark == "-" else new)
        old, new = old + (mark != "+"), new + (mark != "-")


def _at(lines: Lines, number: int) -> str | None:
    return lines[number - 1] if 0 < number <= len(lines) else None


def _within(number: int | None, lines: Lines) -> int | None:
    return number if number and number <= len(lines) else None


@lru_cache(maxsize=64)
def _lines(content: bytes) -> Lines:
    text = content[:LONGEST_FILE].decode("utf-8", "replace").replace("\r\n", "\n")
    return tuple(line[:LONGEST_LINE] for line in text.split("\n")[:MOST_LINES])


@lru_cache(maxsize=64)
def _home(before: Lines, after: Lines) -> tuple[int, ...]:
    return shipped_lines(before, after)


def _in_cell(line: int | None, content: bytes, *, script: bool) -> tuple[str, int]:
    """Find the cell of a line of a notebook's script, or of a notebook's own JSON; no cell where it is in none."""
    if line is None:
        return "", 0
    return cell_at(list(_lines(content)), line) if script else _in_json(content).get(line, ("", 0))


@lru_cache(maxsize=16)
def _in_json(content: bytes) -> Mapping[int, tuple[str, int]]:
    """Say of each line of a notebook's JSON that holds a line of a cell, which one it is."""
    found: dict[int, tuple[str, int]] = {}
    written = [line.strip().rstrip(",") for line in content.decode("utf-8", "replace").split("\n")]
    numbers = iter(range(len(written)))
    for cell, _, source in cells_of({"notebook.ipynb": content}, "notebook.ipynb"):
        for at, text in enumerate(source.splitlines(keepends=True), start=1):
            wanted = {json.dumps(text), json.dumps(text, ensure_ascii=False)}
            number = next((number for number in numbers if written[number] in wanted), None)
            if number is None:
                return found
            found[number + 1] = (cell, at)
    return found
