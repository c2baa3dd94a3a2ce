"""How much the checks have been tried with is counted from what a validation examines."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.harm import read_harm
from unfit.validate.accuracy import accuracy_page, labelled
from unfit.validate.harm_measuring import write_harm
from unfit.validate.proof import proven
from validate_samples import BANK, spoiled

REPOSITORY = Path(__file__).parents[1]


def test_each_labelled_fix_is_counted_for_the_defect_that_it_is_about() -> None:
    found = labelled(load_bank(BANK).exercise("lemonade"))
    assert found.right == {"filled-from-the-batch": 2, "newest-day-ignored": 2}
    assert found.wrong == {"filled-from-the-batch": 2, "newest-day-ignored": 2}


def test_untouched_code_is_counted_in_every_form() -> None:
    found = labelled(load_bank(BANK).exercise("lemonade"))
    assert set(found.untouched) == set(found.memory) == {"filled-from-the-batch", "newest-day-ignored"}


def test_without_a_clean_validation_nothing_is_claimed(tmp_path: Path) -> None:
    page = accuracy_page([spoiled(tmp_path)])
    assert "not validated since the last change" in page
    assert "0 of" not in page.partition("## How to read it")[0]


def test_the_bound_is_wilson_s(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    write_harm(exercise, read_harm(exercise), clean=True)
    assert proven(exercise)
    assert "| `lemonade` | 0 of 4 (at most 49.0 %)" in accuracy_page([exercise])


@pytest.mark.slow
def test_the_published_page_is_current() -> None:
    bank = load_bank(REPOSITORY)
    page = accuracy_page([bank.exercise(slug) for slug in bank.slugs])
    assert (REPOSITORY / "docs/reference/accuracy.md").read_text("utf-8") == page, "run: make accuracy"
