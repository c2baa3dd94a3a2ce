"""What all attacks share: the arena."""

from __future__ import annotations

import pytest

from attacks.arena import Arena, confined
from sandbox_samples import problems

collect_ignore = ["submissions"]


@pytest.fixture(name="arena")
def arena_fixture(arena_works: None) -> Arena:
    """Give the shared arena, where this machine can confine."""
    return confined()


@pytest.fixture(name="arena_works", scope="session")
def arena_works_fixture() -> None:
    """Skip where this machine cannot confine."""
    if problems():
        pytest.skip(problems())
