"""What the exercises cover: the page is current, and no known mistake is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank
from unfit.bank.taxonomy import TAXONOMIES
from unfit.coverage import gaps, page

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def exercises() -> list[Exercise]:
    bank = load_bank(REPOSITORY)
    return [bank.exercise(slug) for slug in bank.slugs]


def test_the_published_page_is_current(exercises: list[Exercise]) -> None:
    assert (REPOSITORY / "docs" / "reference" / "coverage.md").read_text("utf-8") == page(exercises)


def test_without_exercises_everything_is_a_gap() -> None:
    assert len(gaps([])) == sum(len(taxonomy.mistakes) for taxonomy in TAXONOMIES)


def test_what_a_defect_covers_is_no_gap(exercises: list[Exercise]) -> None:
    practice = [exercise for exercise in exercises if exercise.slug == "first_look"]
    assert "L1.1" not in gaps(practice)
    assert "L1.2" in gaps(practice)


def test_a_gap_stands_out_on_the_page() -> None:
    assert "| L3.3 | Sampling bias in the test distribution | **none** |" in page([])
