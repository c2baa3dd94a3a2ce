"""A finding claims that something is wrong, or it asks, or it approves."""

from __future__ import annotations

import pytest

from unfit.review.claims_of_fault import says_what_is_wrong

CLAIMS = [
    "The folds share patients.",
    "src/a.py:31: gaps are filled with the batch's own median",
    "Why do we fill with the median of the batch? Training used another one.",
    "Isn't the split random?",
    "Shouldn't the metrics be written after the file?",
    "It looks fine, but the index is lost after the filter.",
    "Only the first week is right.",
    "The comment says that all is fine, and the code drops the last row.",
    "Make sure to split first, otherwise a patient stands on both sides.",
    "What do we serve to somebody without history? Currently an exception.",
    "",
]
QUIET = [
    "Is the order of columns guaranteed?",
    "What happens to unknown users?",
    "Check whether the split into train and test respects time.",
    "- Make sure that nothing is resampled before the split.",
    "`evaluate`: the split is right.",
    "src/a.py: I checked that no leaver is copied before the split. No change needed.",
    "The encoder is fitted on the training part, as the README demands. Nice.",
    "The inner join makes sure that only valid practices are scored. Good data hygiene.",
    "Medians come from training, so training and service agree.",
]


@pytest.mark.parametrize("said", CLAIMS)
def test_a_text_that_may_say_what_is_wrong_is_a_claim(said: str) -> None:
    assert says_what_is_wrong(said)


@pytest.mark.parametrize("said", QUIET)
def test_a_text_that_only_asks_or_approves_is_none(said: str) -> None:
    assert not says_what_is_wrong(said)
