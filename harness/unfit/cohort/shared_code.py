"""Shared code: submissions that share code which the exercise did not give them, for a person to look at."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from unfit.bank import Exercise, load_exercise, read_tree
from unfit.errors import PlantingError
from unfit.export import ExportEntry, as_exported, handed_out
from unfit.planting.notebook_documents import is_notebook
from unfit.scripts import script_of

__all__ = ["CODE", "Pair", "SharedPassage", "code_of", "find_pairs"]

CODE = "code.json"
"""What of a submission's code is its own, with fingerprints, in the folder of its grade."""
LENGTH, WINDOW = 25, 6
"""Letters of normalised code in a fingerprint, and of how many in a row one is kept: what copydetect takes."""
COMMON = (5, 30)
"""What more people than that hold says nothing about two; a tenth of the cohort, between these bounds."""
LEAST, RUN = 30, 6
"""Fingerprints that a pair shares at least, eight lines or so, and how many of them stand together to be counted.

Idioms of a library are shared by people who never met, a line here and a line there."""
MOST_PAIRS, MOST_PASSAGES, MOST_LINES = 30, 5, 40
MOST_LOOKED_AT = 300
"""Pairs that are read from the disk, those that share most first."""


@dataclass(frozen=True)
class SharedPassage:
    """Code that stands in two submissions."""

    places: tuple[str, str]
    texts: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two submissions that share code.

    Parameters
    ----------
    names : (str, str)
        Their pseudonyms.
    shared : int
        Fingerprints that both hold.
    own : (int, int)
        Fingerprints that each holds beyond what the exercise gave.
    passages : tuple of SharedPassage
        The longest ones.
    """

    names: tuple[str, str]
    shared: int
    own: tuple[int, int]
    passages: tuple[SharedPassage, ...]


def code_of(exercise: Exercise, files: Mapping[str, bytes], entry: ExportEntry) -> str | None:
    """Fingerprint what a submission adds to what was handed out and to the fixed project.

    Parameters
    ----------
    exercise : Exercise
    files : mapping of str to bytes
        The submission's.
    entry : ExportEntry
        What was handed out: an entry of the ledger, or a receipt.

    Returns
    -------
    code : str or None
        JSON with ``files`` (text by path) and ``prints`` (fingerprint, path, first and last line); None where
        copydetect is not installed.
    """
    if find_spec("copydetect") is None:
        return None
    given = _given(exercise.bank, exercise.slug, exercise.digest, entry.form, entry.defects)
    kept: dict[str, str] = {}
    prints: list[tuple[int, str, int, int]] = []
    for path, text in sorted(_sources(files).items()):
        own = [item for item in _prints(text) if item[0] not in given]
        if own:
            kept[path] = text
            prints += [(number, path, first, last) for number, first, last in own]
    return json.dumps({"files": kept, "prints": prints}, ensure_ascii=True) + "\n"


@cache
def _given(bank: Path, slug: str, digest: str, form: str, defects: tuple[str, ...]) -> frozenset[int]:
    """Fingerprint all that a submission may share with any other: what was handed out, and one right way.

    Data are no code, so the seed does not matter; the digest keeps apart what a bank was and is.
    """
    del digest
    exercise = load_exercise(bank, slug)
    entry = ExportEntry(exercise=slug, version=exercise.manifest.version, form=form, defects=defects)
    trees = (handed_out(exercise, entry), as_exported(read_tree(exercise.project)))
    return frozenset(
        number
        for tree in trees
        for text in _sources(tree).values()
        for number, _, _ in _prints(text, window=1)
    )


def _sources(files: Mapping[str, bytes]) -> dict[str, str]:
    """Read the Python in a tree, notebooks as scripts; what cannot be read is left out."""
    found = {}
    for path, content in files.items():
        if path.endswith(".py"):
            found[path] = content.decode("utf-8", "replace")
        elif is_notebook(path):
            try:
                found[path] = script_of(content, path).decode()
            except PlantingError:
                continue
    return found


def _prints(text: str, *, window: int = WINDOW) -> Iterator[tuple[int, int, int]]:
    """Fingerprint normalised code, whatever its names, strings, comments and spaces: number, first and last line."""
    from copydetect.utils import filter_code, winnow  # noqa: PLC0415 - it takes a second, and grading needs it only here

    normal, offsets = filter_code(text, "submission.py", language="python")
    if len(normal) < LENGTH:
        return
    numbers = np.array([_number(normal[at : at + LENGTH]) for at in range(len(normal) - LENGTH + 1)])
    _, places = winnow(numbers, min(window, len(numbers)), remove_duplicates=False)
    ends = np.array([at for at, letter in enumerate(text) if letter == "\n"])
    for at in places:
        first, last = (_place(offsets, end) for end in (at, at + LENGTH - 1))
        lines = np.searchsorted(ends, [first, last]) + 1
        yield int(numbers[at]), int(lines[0]), int(lines[1])


def _number(letters: str) -> int:
    """Hash letters, alike in every process."""
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=6).digest(), "big")


def _place(offsets: Any, at: int) -> int:
    """Find where a letter of normalised code stood in the text."""
    if not len(offsets):
        return at
    row = np.clip(np.searchsorted(offsets[:, 0], at), 0, len(offsets) - 1)
    return int(at + offsets[:, 1][row])


def find_pairs(folders: Mapping[str, Path]) -> tuple[Pair, ...]:
    """Find the pairs that share most of what only few hold.

    Parameters
    ----------
    folders : mapping of str to Path
        The grade's folder by pseudonym.

    Returns
    -------
    pairs : tuple of Pair
        The most alike first; those that share next to nothing are left out.
    """
    held = {name: numbers for name, folder in folders.items() if (numbers := _numbers(folder)) is not None}
    names = sorted(held)
    rare = _rare(held)
    own = {name: held[name] & rare for name in names}
    likely = sorted(_shared(names, own), key=lambda item: (-item[0], item[1:]))
    found = (
        _pair((one, other), folders, held, own[one] & own[other]) for _, one, other in likely[:MOST_LOOKED_AT]
    )
    return tuple(
        sorted((pair for pair in found if pair is not None), key=lambda pair: (-pair.shared, pair.names))[
            :MOST_PAIRS
        ]
    )


def _pair(
    names: tuple[str, str],
    folders: Mapping[str, Path],
    held: Mapping[str, frozenset[int]],
    shared: frozenset[int],
) -> Pair | None:
    """Look at two submissions; None where what they share stands scattered, or is next to nothing."""
    first, second = (_read(folders[name]) for name in names)
    if first is None or second is None:
        return None
    runs = [
        run for run in _runs([item for item in first["prints"] if item[0] in shared]) if _distinct(run) >= RUN
    ]
    together = len({item[0] for run in runs for item in run})
    if together < LEAST:
        return None
    passages = tuple(_passages(first, second, runs))
    return Pair(names, together, (len(held[names[0]]), len(held[names[1]])), passages)


def _distinct(run: Sequence[list[Any]]) -> int:
    return len({item[0] for item in run})


def _numbers(folder: Path) -> frozenset[int] | None:
    code = _read(folder)
    return None if code is None else frozenset(item[0] for item in code["prints"])


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / CODE).read_bytes())
    except (OSError, ValueError):
        return None
    return found


def _rare(held: Mapping[str, frozenset[int]]) -> frozenset[int]:
    counts = Counter(number for numbers in held.values() for number in numbers)
    most = min(max(COMMON[0], len(held) // 10), COMMON[1])
    return frozenset(number for number, count in counts.items() if 2 <= count <= most)


def _shared(names: Sequence[str], own: Mapping[str, frozenset[int]]) -> Iterator[tuple[int, str, str]]:
    """Count what each two share, without looking at those that share nothing."""
    columns = {number: at for at, number in enumerate(sorted(frozenset().union(*own.values())))}
    cells = [(row, columns[number]) for row, name in enumerate(names) for number in own[name]]
    if not cells:
        return
    rows, cols = np.array(cells).T
    matrix = sparse.csr_array(
        (np.ones(len(cells), dtype=np.int32), (rows, cols)), shape=(len(names), len(columns))
    )
    both = sparse.triu(matrix @ matrix.T, k=1).tocoo()
    for one, other, count in zip(both.row, both.col, both.data, strict=True):
        if count >= LEAST:
            yield int(count), names[one], names[other]


def _passages(
    first: Mapping[str, Any], second: Mapping[str, Any], runs: Sequence[list[list[Any]]]
) -> Iterator[SharedPassage]:
    """Show where the shared code stands, the longest passages first."""
    there: dict[int, tuple[str, int, int]] = {
        number: (path, start, end) for number, path, start, end in reversed(second["prints"])
    }
    for run in sorted(runs, key=lambda items: -len(items))[:MOST_PASSAGES]:
        here = (run[0][1], run[0][2], max(item[3] for item in run))
        path = there[run[0][0]][0]
        spans = [there[item[0]] for item in run if there[item[0]][0] == path]
        beside = (path, min(span[1] for span in spans), max(span[2] for span in spans))
        yield SharedPassage(
            (_said(here), _said(beside)), (_text(first["files"], here), _text(second["files"], beside))
        )


def _runs(prints: Sequence[list[Any]]) -> list[list[list[Any]]]:
    """Join fingerprints of one file whose lines touch."""
    runs: list[list[list[Any]]] = [[prints[0]]] if prints else []
    for before, item in pairwise(prints):
        if item[1] == before[1] and item[2] <= before[3] + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _said(span: tuple[str, int, int]) -> str:
    path, first, last = span
    return f"{path}, line {first}" if first == last else f"{path}, lines {first} to {last}"


def _text(files: Mapping[str, str], span: tuple[str, int, int]) -> str:
    path, first, last = span
    return "\n".join(files[path].splitlines()[first - 1 : min(last, first - 1 + MOST_LINES)])
