"""Folds: by person, so that nobody is learnt from and judged on at a time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

from reserve.ingest.customers import merged
from reserve.training.examples import Example


def fold_of(person: str, folds: int) -> int:
    """Return the fold of a person, which is the same in every run."""
    return int(hashlib.sha256(person.encode()).hexdigest()[:8], 16) % folds


def split(
    connection: sqlite3.Connection, many: Sequence[Example], folds: int
) -> Iterator[tuple[int, list[Example], list[Example]]]:
    """Yield the number of each fold, the examples to learn from, and those to judge on."""
    now = merged(connection)
    numbers = [fold_of(now.get(one.features.customer_no, one.features.customer_no), folds) for one in many]
    for fold in range(folds):
        held = [one for one, own in zip(many, numbers, strict=True) if own == fold]
        rest = [one for one, own in zip(many, numbers, strict=True) if own != fold]
        if held and rest:
            yield fold, rest, held
