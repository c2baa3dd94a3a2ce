"""Two interviewers' ratings of the same people are compared, dimension by dimension."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unfit.cohort import ratings
from unfit.cohort.ratings import Agreement, agreements, without
from unfit.errors import UnfitError

HEAD = "pseudonym,rater,prediction,explanation,containment,trade-off\n"


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resample less: what is looked at here are the figures."""
    monkeypatch.setattr(ratings, "RESAMPLES", 60)


def rated(tmp_path: Path, lines: list[str]) -> tuple[Agreement, ...]:
    path = tmp_path / "ratings.csv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines))
    return agreements(path, {f"c-{n}" for n in range(100)})


def both(people: int, *, seed: int) -> tuple[list[str], list[tuple[int, int]]]:
    rng = np.random.default_rng(seed)
    one = rng.integers(1, 5, people)
    other = np.clip(one + rng.integers(-1, 2, people), 1, 4)
    pairs = [(int(a), int(b)) for a, b in zip(one, other, strict=True)]
    lines = [
        line for n, (a, b) in enumerate(pairs) for line in (f"c-{n},alan,{a},,,", f"c-{n},grace,{b},2,2,2")
    ]
    return lines, pairs


def test_without_ratings_nothing_is_said(tmp_path: Path) -> None:
    assert agreements(tmp_path / "ratings.csv", set()) == ()


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


def test_whoever_was_rated_once_is_no_pair(tmp_path: Path) -> None:
    lines, _ = both(5, seed=1)
    assert [found.pairs for found in rated(tmp_path, lines)] == [5, 0, 0, 0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c-200,alan,1,1,1,1", "there is no `c-200`"),
        ("c-1,alan,5,1,1,1", "`prediction` = `5`"),
        ("c-1,,1,1,1,1", "or is nobody"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match=said):
        rated(tmp_path, [line])


def test_a_rater_who_rates_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match="already rated"):
        rated(tmp_path, ["c-1,alan,1,1,1,1", "c-1,alan,1,1,1,1"])


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("pseudonym,rater,charm\n")
    with pytest.raises(UnfitError, match="has the columns"):
        agreements(path, set())


def test_a_persons_lines_can_be_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(HEAD + "c-1,alan,1,1,1,1\nc-2,alan,1,1,1,1\n")
    assert (without(path, "c-1"), without(path, "c-3")) == (HEAD + "c-2,alan,1,1,1,1\n", None)
