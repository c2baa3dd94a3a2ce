"""Every bundled exercise ships data that its own world draws, and can draw anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.bank.world_loading import draw_data, load_world
from unfit.planting import plant

BANK = load_bank(Path(__file__).resolve().parent.parent)
CARD = "data/README.md"
DATA = ("data/", "registry/")
DRAW_THEIR_CARD = {"flight_delays"}
"""Exercises whose card says where the data come from, which another seed changes."""
SQLITE = b"SQLite format 3\0"


def read(content: bytes) -> bytes | list[str]:
    """Read a database by what it says: its bytes depend on the library that wrote it."""
    if not content.startswith(SQLITE):
        return content
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        return list(connection.iterdump())


def drawn(slug: str, seed: int) -> dict[str, bytes | list[str]]:
    """Draw the data of an exercise, by path."""
    files = draw_data(BANK.exercise(slug), seed)
    assert files
    return {path: read(content) for path, content in files.items()}


def shipped(slug: str) -> dict[str, bytes | list[str]]:
    """Read the data of the fixed project, by path; its data card is no data."""
    tree = plant(BANK.exercise(slug), ())
    return {
        path: read(content)
        for path, content in tree.items()
        if path.startswith(DATA) and (path != CARD or slug in DRAW_THEIR_CARD)
    }


@pytest.mark.parametrize("slug", BANK.slugs)
def test_the_shipped_data_come_from_the_world(slug: str) -> None:
    world = load_world(BANK.exercise(slug))
    assert world
    assert drawn(slug, world.SHIPPED_SEED) == shipped(slug)


@pytest.mark.parametrize("slug", BANK.slugs)
def test_another_seed_draws_other_data_in_the_same_files(slug: str) -> None:
    other, usual = drawn(slug, 1), shipped(slug)
    assert other.keys() == usual.keys()
    assert [path for path in other if other[path] != usual[path]]
