"""A diagnosis is told by every renderer that an interviewer reads, and by none that a candidate does."""

from __future__ import annotations

import pytest

from report_samples import build
from unfit.grades import Diagnosis, DiagnosisAnswer, Grade
from unfit.report import render_feedback, render_html, render_markdown, render_terminal

ANSWERS = (
    DiagnosisAnswer(name="onset", said="2025-03-17", truth="2025-03-14", credit="near"),
    DiagnosisAnswer(name="segment", said="<script>alert(1)</script>", truth="site=North", credit="wrong"),
    DiagnosisAnswer(name="field", said="", truth="fat_pct", credit="open"),
)


@pytest.fixture
def diagnosed() -> Grade:
    words = {"next": "ask <b>the depot</b>"}
    return build().model_copy(update={"diagnosis": Diagnosis(answers=ANSWERS, words=words)})


def test_the_terminal_says_what_it_was(diagnosed: Grade) -> None:
    told = render_terminal(diagnosed, width=100)
    assert "≈ onset: 2025-03-17; almost, it was 2025-03-14" in told
    assert "- field: left open, it was fat_pct" in told


def test_the_page_shows_both_and_the_candidates_words(diagnosed: Grade) -> None:
    page = render_html(diagnosed)
    assert "site=North" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "ask &lt;b&gt;the depot&lt;/b&gt;" in page


def test_markdown_puts_the_candidates_words_in_code(diagnosed: Grade) -> None:
    assert "`segment: <script>alert(1)</script>; it was site=North`" in render_markdown(diagnosed)


def test_feedback_does_not_give_the_truth_away(diagnosed: Grade) -> None:
    assert "site=North" not in render_feedback(diagnosed)


def test_a_file_that_could_not_be_read_is_said(diagnosed: Grade) -> None:
    unread = diagnosed.model_copy(
        update={"diagnosis": Diagnosis(answers=ANSWERS, problem="diagnosis.toml could not be read")}
    )
    for told in (render_terminal(unread), render_html(unread), render_markdown(unread)):
        assert "diagnosis.toml could not be read" in told
