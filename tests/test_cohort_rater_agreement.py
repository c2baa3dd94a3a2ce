"""Two interviewers' ratings of the same people are compared, dimension by dimension."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unfit.cohort import rater_agreement
from unfit.cohort.rater_agreement import Agreement, agreements
from unfit.ratings import DIMENSIONS, Sheet, hand_in, settle


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resample less: what is looked at here are the figures."""
    monkeypatch.setattr(rater_agreement, "RESAMPLES", 60)


def rated(tmp_path: Path, given: list[tuple[str, str, dict[str, int]]]) -> tuple[Agreement, ...]:
    """Rate people: pseudonym, rater and marks; what is not given was not seen."""
    for who, rater, marks in given:
        sheet = Sheet.model_validate(
            {"rater": rater}
            | {
                one.name: {"rating": marks.get(one.name, "not seen"), "words": "as it was said"}
                for one in DIMENSIONS
            }
        )
        (tmp_path / who).mkdir(exist_ok=True)
        hand_in(tmp_path / who, sheet, exercise="tea_shop", submission=who, store=tmp_path / "store")
    folders = sorted({tmp_path / who for who, _, _ in given})
    for folder in folders:
        settle(folder, store=tmp_path / "store")
    return agreements(folders)


def both(people: int, *, seed: int) -> tuple[list[tuple[str, str, dict[str, int]]], list[tuple[int, int]]]:
    rng = np.random.default_rng(seed)
    one = rng.integers(1, 5, people)
    other = np.clip(one + rng.integers(-1, 2, people), 1, 4)
    pairs = [(int(a), int(b)) for a, b in zip(one, other, strict=True)]
    given = [
        item
        for n, (a, b) in enumerate(pairs)
        for item in (
            (f"c-{n}", "alan", {"prediction": a}),
            (f"c-{n}", "grace", {"prediction": b, "explanation": 2}),
        )
    ]
    return given, pairs


def test_without_ratings_nothing_is_said(tmp_path: Path) -> None:
    assert agreements([tmp_path]) == ()


def test_under_thirty_people_there_are_counts_only(tmp_path: Path) -> None:
    lines, pairs = both(29, seed=1)
    found = rated(tmp_path, lines)[0]
    assert (found.pairs, found.same, found.kappa) == (29, sum(a == b for a, b in pairs), None)


def test_weighted_kappa_is_what_its_definition_gives(tmp_path: Path) -> None:
    lines, pairs = both(60, seed=2)
    seen = np.zeros((4, 4))
    for a, b in pairs:
        seen[a - 1, b - 1] += 1 / 60
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0))
    weight = np.subtract.outer(np.arange(4), np.arange(4)) ** 2
    kappa = rated(tmp_path, lines)[0].kappa
    assert kappa is not None
    assert kappa.value == pytest.approx(1 - (weight * seen).sum() / (weight * chance).sum())
    assert kappa.low < kappa.value < kappa.high


def test_whoever_was_rated_once_is_no_pair_and_has_no_row(tmp_path: Path) -> None:
    given, _ = both(5, seed=1)
    assert [(found.dimension, found.pairs) for found in rated(tmp_path, given)] == [("prediction", 5)]


def test_a_sealed_rating_is_not_counted(tmp_path: Path) -> None:
    assert rated(tmp_path, [("c-1", "grace", {"prediction": 2})]) == ()
