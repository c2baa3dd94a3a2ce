"""Comments in code: findings that a candidate wrote beside the code, as ``# REVIEW(leakage): ...``."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import difflib
import itertools
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from unfit.grades import Finding
from unfit.review.markdown_reading import LONGEST_TITLE, MOST_CATEGORIES, put_off_in
from unfit.review.part_names import category_of
from unfit.review.places import cells_of, nearest_file, symbols_of
from unfit.scripts import cell_at, script_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["comments", "shipped_lines", "too_many"]

MARK = re.compile(
    r"(?P<code>.*?)(?:#|//|--|<!--|^)\s*REVIEW\s*+(?:[(\[](?P<tags>[^)\]\n]{0,80})[)\]])?\s*+[:\-–—](?P<text>.*)"
)
CONTINUED = re.compile(r"\s*(?:#|//|--)\s?(?P<text>(?!\s*REVIEW\b).*\S)")
SUFFIXES = (".py", ".sql", ".toml", ".yaml", ".yml", ".cfg", ".ini", ".sh", "Makefile")
LONGEST_FILE = 512 * 1024
MOST_LINES = 8_000
LONGEST_LINE = 1_000
MOST = 200
ALIKE = 0.3
"""So alike must a cell without its id be to the one that it was."""
MOST_BYTES = 4 << 20
"""So much is read of all files that hold the word; a submission of nothing else must not keep a grader busy."""


def comments(submitted: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Collect the inline comments of a submission, each with its place in the shipped code.

    Parameters
    ----------
    submitted : mapping of str to bytes
        The candidate's files by path.
    shipped : mapping of str to bytes
        The files as they were handed out.

    Returns
    -------
    findings : tuple of Finding
        Without a match; ``where`` names the shipped file and line, ``source`` the candidate's own. No more than
        `MOST`, from no more than `MOST_BYTES` of files; see `too_many`.
    """
    found: list[Finding] = []
    left = MOST_BYTES
    for file, content in sorted(submitted.items()):
        if len(content) > LONGEST_FILE or b"REVIEW" not in content:
            continue
        if len(found) >= MOST or left <= 0:
            break
        left -= len(content)
        for source in _sources(file, content, shipped):
            found += itertools.islice(_in_source(source), MOST)
    return tuple(found[:MOST])


def too_many(submitted: Mapping[str, bytes], found: Sequence[Finding]) -> tuple[str, ...]:
    """Say what of the comments was too much to be read."""
    size = sum(len(content) for content in submitted.values() if b"REVIEW" in content)
    if len(found) >= MOST:
        return (f"Only the first {MOST} comments in the code were read as findings.",)
    if size > MOST_BYTES:
        return (
            f"Comments in the code were read from the first {MOST_BYTES >> 20} MiB of files with the word REVIEW.",
        )
    return ()


@dataclass(frozen=True)
class _Source:
    """Some code of a candidate: how it is called, what it says, what was shipped, and how a shipped line is named."""

    name: str
    text: str
    before: str
    place: Callable[[int], str]


def _in_source(source: _Source) -> Iterator[Finding]:
    lines = [line[:LONGEST_LINE] for line in source.text.splitlines()[:MOST_LINES]]
    if marks := list(_marks(lines)):
        home = shipped_lines(source.before.splitlines(), lines)
        for line, target, tags, said in marks:
            yield _finding(tags, said, where=source.place(home[target - 1]), source=f"{source.name}{line}")


def _sources(file: str, content: bytes, shipped: Mapping[str, bytes]) -> Iterator[_Source]:
    """Take a file, each cell of a notebook, or the script that an export adds beside one."""
    text, origin = content.decode("utf-8", "replace"), nearest_file(file, shipped)
    notebook = f"{file.removesuffix('.py')}.ipynb"
    if file.endswith(".ipynb"):
        known = {cell: source for cell, _, source in cells_of(shipped, origin)}
        for number, (cell, _, source) in enumerate(cells_of({file: content}, file), start=1):
            if "REVIEW" in source:
                home = _home(cell, source, known)
                at = partial(_place_in_cell, origin or file, home)
                yield _Source(f"{file} cell {number} line ", source, known.get(home, ""), at)
    elif file not in shipped and notebook in shipped:
        before = script_of(shipped[notebook], notebook).decode()
        yield _Source(f"{file}:", text, before, partial(_place_in_script, notebook, before.splitlines()))
    elif file.endswith(SUFFIXES):
        before = shipped.get(origin, b"").decode("utf-8", "replace")
        yield _Source(f"{file}:", text, before, partial(_place_in_file, origin or file, shipped))


def _place_in_cell(file: str, cell: str, line: int) -> str:
    return f"{file}, cell `{cell}`, line {line}" if cell else file


def _place_in_script(notebook: str, script: list[str], line: int) -> str:
    return _place_in_cell(notebook, *cell_at(script, line))


def _place_in_file(file: str, shipped: Mapping[str, bytes], line: int) -> str:
    if file not in shipped:
        return file
    holders = [symbol for symbol in symbols_of(shipped, file) if symbol.first <= line <= symbol.last]
    inner = min(holders, key=lambda symbol: symbol.last - symbol.first, default=None)
    return f"{file}, line {line}" + (f" (`{inner.name}`)" if inner else "")


def _home(cell: str, source: str, known: Mapping[str, str]) -> str:
    """Find the shipped cell that a candidate's cell was, by its id or else by its text."""
    if cell in known:
        return cell
    lines = source.splitlines()[:MOST_LINES]
    alike = {
        difflib.SequenceMatcher(None, text.splitlines(), lines).ratio(): name for name, text in known.items()
    }
    return alike[max(alike)] if max(alike, default=0) >= ALIKE else ""


def _marks(lines: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """Find each comment with the line of code that it is about: its own, or the next one below.

    Yields
    ------
    line, target : int
        Counted from one.
    tags, text : str
    """
    for index, line in enumerate(lines):
        match = MARK.match(line) if "REVIEW" in line[:LONGEST_LINE] else None
        if not match:
            continue
        text = match["text"].strip().removesuffix("-->").rstrip()
        if not text and index + 1 >= len(lines):
            continue
        said, end = [text], index + 1
        own = bool(match["code"].strip())
        while not own and end < len(lines) and (more := CONTINUED.match(lines[end])):
            said.append(more["text"])
            end += 1
        while not own and end < len(lines) and not lines[end].strip():
            end += 1
        target = index + 1 if own else min(end + 1, len(lines))
        yield index + 1, target, match["tags"] or "", " ".join(filter(None, said))


def shipped_lines(before: Sequence[str], after: Sequence[str]) -> tuple[int, ...]:
    """Map every line of an edited file back to the file as it was.

    Parameters
    ----------
    before, after : sequence of str
        Lines of both.

    Returns
    -------
    lines : tuple of int
        For each line of ``after`` its line in ``before``, counted from one; for one that was written anew the nearest
        that it stands for.
    """
    last = max(1, len(before))
    found: list[int] = []
    for kind, first, end, start, stop in difflib.SequenceMatcher(None, after, before).get_opcodes():
        share = 1.0 if kind == "equal" else (stop - start) / max(1, end - first)
        found += [min(last, start + int(number * share) + 1) for number in range(end - first)]
    return tuple(found)


def _finding(tags: str, said: str, *, where: str, source: str) -> Finding:
    parts = re.split(r"[,;/|]", tags)
    categories = dict.fromkeys(name for part in parts if part.strip() for name in category_of(part))
    title = re.split(r"(?<=[^.\s])[.!?]\s", said, maxsplit=1)[0][:LONGEST_TITLE].rstrip(" .")
    return Finding(
        title=title or "A comment without words",
        text=f"REVIEW ({tags}): {said}" if tags else said,
        where=where,
        category=", ".join(categories) if len(categories) <= MOST_CATEGORIES else "",
        put_off=put_off_in(said),
        source=source,
    )
