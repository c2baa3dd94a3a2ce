"""Items are analysed form by form, and agree with what others compute."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfit.cohort import item_analysis
from unfit.cohort.cohort_table import CohortRow, DefectCell
from unfit.cohort.item_analysis import FormFigures, analyse
from unfit.cohort.settings_and_endings import Ending
from unfit.grades import DefectStatus, Together

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from girth.common import cronbach_alpha
    from girth.utilities import classical_test_statistics

# K. L. Wuensch, East Carolina University: ten students, ten items, KR-20 by the textbook's formula.
# https://core.ecu.edu/wuenschk/StatHelp/KR20.txt (sum of pq 2.18, variance of the totals 5.84)
WUENSCH = np.array(
    [
        [1, 1, 1, 1, 1, 1, 0, 1, 1, 0],
        [1, 0, 1, 1, 0, 1, 1, 1, 0, 1],
        [1, 1, 1, 1, 0, 1, 1, 0, 0, 1],
        [0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0, 0, 1, 0],
        [1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
        [1, 1, 0, 1, 1, 1, 0, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1, 0, 1],
        [0, 1, 0, 1, 1, 1, 1, 1, 0, 1],
        [1, 1, 0, 1, 1, 0, 1, 1, 1, 0],
    ]
)
Matrix = npt.NDArray[np.int_]


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resample less: what is looked at here are the figures, not the second digit of their intervals."""
    monkeypatch.setattr(item_analysis, "RESAMPLES", 40)


def row(number: int, cells: dict[str, DefectCell], **options: Any) -> CohortRow:
    ending = Ending(
        pseudonym=f"c-{number:05}",
        outcome="graded",
        settings="",
        form=options.get("form", "default"),
        verified=True,
    )
    return CohortRow(ending, options.get("kind", "person"), cells)


def cell(mended: int | None, spotted: bool | None = None) -> DefectCell:
    status = {1: DefectStatus.MENDED, 0: DefectStatus.NOT_MENDED, None: DefectStatus.ERRORED}[mended]
    return DefectCell(status, spotted, Together.MENDED if mended else Together.NEITHER)


def rows_of(matrix: Matrix, **options: Any) -> list[CohortRow]:
    return [
        row(number, {f"d{at}": cell(int(done)) for at, done in enumerate(answers)}, **options)
        for number, answers in enumerate(matrix)
    ]


def mended(rows: list[CohortRow]) -> FormFigures:
    titles = {name: name.upper() for one in rows for name in one.cells}
    return next(form for form in analyse(rows, titles) if form.fact == "mended")


def drawn(people: int, count: int, *, seed: int) -> Matrix:
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1.2, (people, 1)) + np.linspace(-1.5, 1.5, count)
    return (rng.random((people, count)) < 1 / (1 + np.exp(-logit))).astype(int)


def test_a_published_worked_example_gives_its_reliability() -> None:
    ten_times = np.tile(WUENSCH, (10, 1))  # copies of everybody change neither variance of the formula
    figures = mended(rows_of(ten_times))
    assert figures.reliability is not None
    assert figures.reliability.value == pytest.approx(10 / 9 * (1 - 2.18 / 5.84), abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reliability_and_discrimination_agree_with_a_test_theory_package(seed: int) -> None:
    matrix = drawn(120, 6, seed=seed)
    figures = mended(rows_of(matrix))
    assert figures.reliability is not None
    assert figures.reliability.value == pytest.approx(cronbach_alpha(matrix.T), abs=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = classical_test_statistics(matrix.T, 0, 1)["Item-Score Correlation"]
    ours = [item.discrimination.value for item in figures.items if item.discrimination]
    assert ours == pytest.approx(list(theirs), abs=1e-12)


@pytest.mark.parametrize(
    ("yes", "people", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3; the last two are below 30 there.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)],
)
def test_intervals_of_a_share_are_wilsons(yes: int, people: int, low: float, high: float) -> None:
    matrix = np.array([[int(number < yes), number % 2] for number in range(people)])
    share = mended(rows_of(matrix)).items[0].difficulty
    assert share is not None
    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        (29, (False, False, False)),
        (30, (True, False, False)),
        (99, (True, False, False)),
        (100, (True, True, True)),
    ],
)
def test_figures_begin_with_thirty_and_with_a_hundred_people(people: int, shown: tuple[bool, ...]) -> None:
    figures = mended(rows_of(drawn(people, 4, seed=5)))
    item = figures.items[0]
    found = (item.difficulty, item.discrimination, figures.reliability)
    assert tuple(figure is not None for figure in found) == shown


def test_errors_and_skips_are_counted_and_left_out() -> None:
    rows = rows_of(drawn(40, 2, seed=1))
    rows[0] = row(0, {"d0": cell(None), "d1": cell(1)})
    unproven = DefectCell(DefectStatus.UNPROVEN, None, Together.UNDECIDED)
    rows[1] = row(1, {"d0": unproven, "d1": cell(1)})
    first = mended(rows).items[0]
    assert (first.counted, first.errors, first.skips) == (38, 1, 1)


def test_whoever_wrote_no_review_is_no_miss() -> None:
    rows = [row(n, {"d0": cell(1, None if n < 4 else n % 2 == 0)}) for n in range(40)]
    spotted = next(form for form in analyse(rows, {"d0": "D"}) if form.fact == "spotted")
    assert (spotted.items[0].counted, spotted.items[0].skips, spotted.items[0].errors) == (36, 4, 0)


def test_forms_are_never_pooled_nor_people_with_programs() -> None:
    rows = [
        *rows_of(drawn(30, 3, seed=1)),
        *rows_of(drawn(31, 3, seed=2), form="b"),
        *rows_of(drawn(32, 3, seed=3), kind="simulated"),
    ]
    found = {(form.group, form.people) for form in analyse(rows, {"d0": "", "d1": "", "d2": ""})}
    assert found == {("default", 30), ("b", 31)}


def test_every_figure_has_its_reading() -> None:
    figures = mended(rows_of(drawn(120, 4, seed=5)))
    assert all(len(item.readings) == 2 for item in figures.items)
    assert ("standard error" in figures.readings[1], len(figures.readings)) == (True, 2)


def test_the_standard_error_is_that_of_a_count() -> None:
    matrix = drawn(150, 6, seed=7)
    figures = mended(rows_of(matrix))
    assert figures.reliability is not None
    spread = matrix.sum(axis=1).std(ddof=1)
    assert figures.error == pytest.approx(spread * (1 - figures.reliability.value) ** 0.5)


def test_an_item_that_everybody_did_has_no_correlation_and_breaks_nothing() -> None:
    matrix = drawn(120, 3, seed=1)
    matrix[:, 0] = 1
    figures = mended(rows_of(matrix))
    assert (figures.items[0].discrimination, figures.reliability is not None) == (None, True)


@settings(max_examples=25)
@given(st.integers(0, 60), st.integers(1, 3), st.integers(0, 1000))
def test_any_cohort_has_an_analysis(people: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 2, (people, count)) if seed % 2 else np.zeros((people, count), dtype=int)
    for form in analyse(rows_of(matrix), {f"d{at}": "D" for at in range(count)}):
        assert sum(item.counted + item.errors + item.skips for item in form.items) == people * len(form.items)


def test_a_form_in_which_all_did_the_same_says_so() -> None:
    figures = mended(rows_of(np.ones((120, 3), dtype=int)))
    assert figures.reliability is None
    assert "is the same" in figures.readings[0]


def test_an_interval_holds_the_figure_and_narrows_with_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_analysis, "RESAMPLES", 300)
    few, many = (mended(rows_of(drawn(people, 3, seed=4))).reliability for people in (100, 1600))
    assert few is not None
    assert many is not None
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 2


def test_the_same_answers_give_the_same_figures() -> None:
    rows = rows_of(drawn(110, 3, seed=4))
    assert mended(rows) == mended(rows)
