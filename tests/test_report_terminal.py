"""Tests of `unfit.report.terminal`."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len
from rich.text import Text

from report_samples import HOSTILE, LOUD, MIXED, PATIENTS
from unfit.grades import Grade
from unfit.report.terminal import render_terminal


@pytest.mark.parametrize("width", [30, 40, 80, 200])
@pytest.mark.parametrize("grade", [MIXED, LOUD, HOSTILE], ids=["mixed", "loud", "hostile"])
def test_no_line_is_wider_than_the_terminal(grade: Grade, width: int) -> None:
    assert max(map(cell_len, render_terminal(grade, width=width).splitlines())) <= width


def test_the_headline_stands_within_the_first_lines() -> None:
    assert MIXED.headline in " ".join(render_terminal(MIXED).split("\n")[:5])


def test_broken_guards_come_before_the_defects() -> None:
    shown = render_terminal(LOUD)
    assert shown.index("BROKEN GUARDS") < shown.index("PLANTED DEFECTS")


def test_a_missed_check_is_told_with_its_number_and_limit() -> None:
    said = " ".join(render_terminal(MIXED).split())
    assert "failed: largest change of a sibling's score: 0.41 (at most 1e-06 allowed)" in said


def test_a_defect_says_how_many_checks_passed() -> None:
    shown = render_terminal(MIXED).split("\n")
    after = shown[next(place for place, row in enumerate(shown) if PATIENTS.title in row) + 1]
    assert "not mended, 0 of 2 checks" in after


def test_an_unprotected_run_is_shouted() -> None:
    assert "UNPROTECTED" in render_terminal(LOUD)


def test_nothing_of_a_submission_reaches_the_terminal_as_control() -> None:
    shown = render_terminal(HOSTILE).replace("\n", "")
    assert not [one for one in shown if unicodedata.category(one) in {"Cc", "Cf"}]


def test_markup_of_a_submission_is_printed_and_not_obeyed() -> None:
    assert "[bold red]free[/]" in render_terminal(HOSTILE, width=400)


def test_colour_adds_nothing_but_colour() -> None:
    coloured = Text.from_ansi(render_terminal(LOUD, colour=True)).plain
    assert coloured.split() == render_terminal(LOUD).split()
