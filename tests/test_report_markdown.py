"""Tests of `unfit.report.markdown`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from report_samples import HOSTILE, LOUD, MIXED, PATIENTS, build, equal, verdict
from unfit.grades import Finding, Grade, SubmissionUsed
from unfit.report.markdown import render_markdown


def _html(grade: Grade) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False}).render(render_markdown(grade)))


def test_every_planted_defect_has_a_row() -> None:
    assert _html(MIXED).count("<tr>") == 1 + 6


def test_broken_guards_come_before_the_table() -> None:
    shown = render_markdown(LOUD)
    assert shown.index("Broken guards") < shown.index("| Planted mistake |")


def test_an_unprotected_run_is_shouted() -> None:
    assert "UNPROTECTED" in render_markdown(LOUD)


def test_no_markup_of_a_submission_is_obeyed() -> None:
    outside = re.sub(r"<code>.*?</code>", "", _html(HOSTILE))
    assert not re.search(r"script|img|onerror|everyone", outside)


@given(st.text(alphabet=st.sampled_from("`|\\<>@#![](){}*_~ a\n&;\x00-"), min_size=1))
def test_a_title_cannot_leave_its_code_span(title: str) -> None:
    submission = SubmissionUsed(name=f"x{title}SECRET", digest="", files=0, size=0)
    grade = build(findings=(Finding(title=f"x{title}SECRET"),), submission=submission)
    assert "SECRET" not in re.sub(r"<code>.*?</code>", "", _html(grade), flags=re.DOTALL)


@pytest.mark.parametrize("bars", ["a|b", "a\\|b", "a\\\\|b", "`|`"])
def test_bars_in_what_was_seen_add_no_column(bars: str) -> None:
    check = verdict("c", "It holds.", equal("order", f"{bars} <b>@x</b>", "c"))
    table = _html(build(defects=(PATIENTS.model_copy(update={"checks": (check,)}),)))
    assert (table.count("<td>"), "<b>" in table) == (5, False)
