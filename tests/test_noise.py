"""A change is excused only by noise that is as large in as many rows."""

from __future__ import annotations

import numpy as np
import pytest

from unfit.noise import change, explains


def test_a_missing_number_is_as_far_from_any_other_as_is_said() -> None:
    assert change([1.0, None, None], [1.5, 2.0, None], missing=9.0).tolist() == [0.5, 9.0, 0.0]


def test_answers_of_other_lengths_cannot_be_called_still() -> None:
    assert change([1.0], [1.0, 2.0]).tolist() == [np.inf]


def test_infinite_numbers_that_agree_have_not_moved() -> None:
    assert change([np.inf], [np.inf]).tolist() == [0.0]


@pytest.mark.parametrize("seed", range(50))
def test_two_runs_of_a_noisy_model_explain_a_third(seed: int) -> None:
    first, second, third, fourth = np.random.default_rng(seed).normal(size=(4, 60))
    noise = np.maximum(change(first, second), change(third, fourth))
    assert explains(noise, change(first, third), limit=1e-6)


def test_noise_in_a_few_rows_does_not_excuse_a_change_of_all() -> None:
    noise = np.zeros(100)
    noise[:5] = 1e6
    assert not explains(noise, np.ones(100), limit=1e-6)


def test_noise_in_all_rows_does_not_excuse_a_larger_change_of_a_few() -> None:
    moved = np.zeros(100)
    moved[0] = 10.0
    assert not explains(np.full(100, 0.1), moved, limit=1e-6)


def test_rows_that_came_or_went_are_excused_only_where_others_do_too() -> None:
    moved = np.array([0.0, np.inf])
    assert not explains(np.array([0.0, 3.0]), moved, limit=1e-6)
    assert explains(moved, moved, limit=1e-6)


def test_two_empty_answers_to_one_question_explain_no_change() -> None:
    assert not explains(np.array([]), np.array([np.inf]), limit=1e-6)
