"""The shipped exercises are what the bank plants, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.planting import added, leftovers, stale

REPOSITORY = Path(__file__).parent.parent
SLUGS = load_bank(REPOSITORY).slugs


@pytest.mark.parametrize("slug", SLUGS)
def test_an_exercise_is_shipped_as_the_bank_plants_it(slug: str) -> None:
    assert stale(load_bank(REPOSITORY).exercise(slug)) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_planting_leaves_no_unused_name_behind(slug: str) -> None:
    assert leftovers(load_bank(REPOSITORY).exercise(slug)) == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_planting_adds_no_finding_of_a_linter_but_those_listed(slug: str) -> None:
    exercise = load_bank(REPOSITORY).exercise(slug)
    listed = {defect.id: [rule.partition(":")[0] for rule in defect.linters] for defect in exercise.defects}
    found = {name: [lint.rule for lint in added(exercise, [name])] for name in listed}
    assert found == listed


def test_every_shipped_exercise_has_its_hidden_half() -> None:
    bank = load_bank(REPOSITORY)
    assert [slug for slug in bank.slugs if not bank.exercise(slug).complete] == []
