"""Attempts: which defects a corpus entry tries to mend, and which it mends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from unfit import corpus
from unfit.bank import CorpusEntry, Exercise
from unfit.notebook_cells import submitted_sources
from unfit.planting import Place, Variant
from unfit.planting.differences import hunks

__all__ = ["attempted", "count_fixes"]


def count_fixes(exercise: Exercise) -> tuple[Counter[str], Counter[str]]:
    """Count the right and the wrong fixes of each defect.

    Returns
    -------
    right, wrong : Counter of str
        Entries by defect. An entry may mend one defect and miss another, whichever half of the corpus it is in.
    """
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for entry in corpus.entries(exercise):
        mended, missed = attempted(exercise, entry)
        right.update(mended if entry.kind == "right" else ())
        wrong.update(missed if entry.kind == "wrong" else ())
    return right, wrong


def attempted(exercise: Exercise, entry: CorpusEntry) -> tuple[frozenset[str], frozenset[str]]:
    """Name the defects that an entry mends, and those that it tries to and does not.

    What an entry tries is what its ``attempts`` says; else the defects whose planted lines it changes; else those
    whose words its name shares.
    """
    expect = entry.expect
    if expect.base == "fixed" or not exercise.forms:
        touched = _touched_files(exercise, entry)
        return touched - set(expect.breaks), frozenset(expect.breaks)
    standing = set(exercise.form(expect.form).defects) - set(expect.fixes)
    missed = set(expect.attempts) or _touched_lines(exercise, entry) & standing
    missed = missed or {defect for defect in standing if _shares_words(exercise, entry.name, defect)}
    return frozenset(expect.fixes), frozenset(missed)


def _touched_files(exercise: Exercise, entry: CorpusEntry) -> frozenset[str]:
    return frozenset(defect.id for defect in exercise.defects if entry.touched.intersection(defect.files))


def _touched_lines(exercise: Exercise, entry: CorpusEntry) -> set[str]:
    """Defects of which the entry changes a planted line."""
    variant = Variant.of(exercise, exercise.form(entry.expect.form).defects)
    base, laid = variant.shipped_tree, corpus.lay(exercise, entry.folder)
    found = set()
    for defect, spots in variant.places.items():
        if any(_changes(spot, base, laid) for spot in spots):
            found.add(defect)
    return found


def _changes(spot: Place, base: Mapping[str, bytes], laid: Mapping[str, bytes]) -> bool:
    before, after = (_lines(tree, spot) for tree in (base, laid))
    if before is None or after is None or not spot.first:
        return (before is None) != (after is None) or (before is None and spot.file in laid)
    return any(
        start < spot.last and spot.first - 1 <= max(start, end - 1) for start, end, _ in hunks(before, after)
    )


def _lines(tree: Mapping[str, bytes], spot: Place) -> list[str] | None:
    """Lines of a file or of a notebook's cell, none where it is absent."""
    if spot.file not in tree:
        return None
    content = tree[spot.file]
    if spot.cell is None:
        return content.decode("utf-8", "replace").splitlines()
    source = submitted_sources(content).get(spot.cell)
    return None if source is None else source.splitlines()


def _shares_words(exercise: Exercise, name: str, defect: str) -> bool:
    """Whether an entry's name and a defect's share a telling word."""
    telling = 5
    words = {word for word in re.split(r"[^a-z]+", name.lower()) if len(word) >= telling}
    known = f"{defect} {exercise.defect(defect).title}".lower()
    return any(word in re.split(r"[^a-z]+", known) for word in words)
