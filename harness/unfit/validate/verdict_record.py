"""The record: what a clean validation saw, kept beside the solution so that the next one asks only what changed."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from unfit.bank import Exercise
from unfit.bank.exercises import VERDICTS
from unfit.files import write_atomically
from unfit.records import Record
from unfit.validate.earlier_verdicts import Kept, Ledger, neighbours_digest
from unfit.validate.planning import Tree

__all__ = ["VerdictRecord", "read_record", "write_record"]


class VerdictRecord(Record):
    """What was seen of every tree of an exercise, when nothing was wanting."""

    format: Literal[1] = 1
    ground: str = ""
    """Hash of what all verdicts depend on: the world and the other modules beside ``checks.py``, and the contract."""
    seeds: tuple[int, ...] = ()
    once: bool = False
    """Whether the corpus and further forms were judged under the first seed only."""
    seen: dict[str, Kept] = Field(default_factory=dict)
    """By content of the tree and seed."""


def read_record(exercise: Exercise) -> VerdictRecord:
    """Read what lies beside a solution; an empty record where there is none, or where it is of another world."""
    found = _read(exercise.solution / VERDICTS)
    return found if found.ground == neighbours_digest(exercise) else VerdictRecord()


@lru_cache(maxsize=4)
def _read(path: Path) -> VerdictRecord:
    try:
        return VerdictRecord.model_validate_json(lzma.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError, lzma.LZMAError):
        return VerdictRecord()


def write_record(
    exercise: Exercise, ledger: Ledger, trees: Iterable[Tree], seeds: Sequence[int], *, once: bool
) -> Path:
    """Keep what a clean validation saw beside the solution.

    Parameters
    ----------
    exercise : Exercise
    ledger : Ledger
        Where the examinations were kept on this machine.
    trees : iterable of Tree
        Those that were examined.
    seeds : sequence of int
        The seeds under which they were.
    once : bool
        Whether the corpus and further forms were judged under the first seed only.

    Returns
    -------
    path : Path
    """
    seen = {ledger.place(tree, seed): ledger.get(tree, seed) for tree in trees for seed in tree.seeds(seeds)}
    record = VerdictRecord(ground=neighbours_digest(exercise), seeds=tuple(seeds), once=once, seen=seen)
    path = exercise.solution / VERDICTS
    write_atomically(path, lzma.compress(record.model_dump_json(exclude_defaults=True).encode()))
    _read.cache_clear()
    return path
