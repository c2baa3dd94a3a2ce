"""Every exercise has incidents to draw a follow-up from, each told in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.checks import load_incidents

BANK = load_bank(Path(__file__).resolve().parent.parent)


@pytest.mark.parametrize("slug", BANK.slugs)
def test_an_exercise_has_more_incidents_than_one_follow_up_shows(slug: str) -> None:
    assert len(load_incidents(BANK.exercise(slug).solution)) > 3


@pytest.mark.parametrize("slug", BANK.slugs)
def test_a_candidate_is_told_what_happens_in_a_sentence(slug: str) -> None:
    for incident in load_incidents(BANK.exercise(slug).solution):
        assert incident.told.endswith((".", "?"))
