"""Every line that a candidate wrote stands in the report as it was written, and no decision that was not."""

from __future__ import annotations

import html
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from report_samples import build
from unfit.report import ReportContext, render_reports
from unfit.review import parse

WORDS = st.sampled_from(
    [
        "the",
        "folds",
        "leak",
        "patients",
        "are",
        "split",
        "serve.py",
        "src/triage/evaluate.py:31",
        "hold",
        "ship",
        "not",
        "merge",
        "leakage",
        "Where:",
        "Category:",
        "decision",
        "findings",
        "why",
        "**bold**",
        "`code`",
        "-",
        "*",
        "1.",
        "|",
        "#",
        "##",
        "###",
        ">",
        "🔴",
        "é",
        "„so“",
        "<b>",
        "&",
        "&amp;",
        "[x]",
        "put",
        "off",
        "because",
    ]
)
LINES = st.one_of(
    st.lists(WORDS, max_size=9).map(" ".join),
    st.sampled_from(
        ["", "## Findings", "## Decision", "# Review", "| a | b |", "|---|---|", "```", "---", "<!--", "-->"]
    ),
    st.sampled_from(
        ["Findings:", "- a.py: it leaks", "Tools: none", "**Rollback**", "1. b.py, line 3", "> - Where: c.py"]
    ),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30),
)
REVIEWS = st.lists(LINES, max_size=25).map("\n".join)


def told(text: str) -> str:
    """Render the report of a review, and give its text without markup."""
    review = parse(text)
    page = render_reports(
        build(findings=review.findings, decision=review.decision), ReportContext(opening=review)
    )["report.html"]
    return html.unescape(re.sub(r"</?(?:[a-z][^>]*)>", "", page))


@settings(max_examples=300)
@given(REVIEWS)
def test_every_line_of_a_review_is_in_one_passage_in_order(text: str) -> None:
    kept = "\n".join(passage.text for passage in parse(text).passages).split("\n")
    assert [line for line in text.split("\n") if line.strip()] == [line for line in kept if line.strip()]


@settings(max_examples=60)
@given(REVIEWS)
def test_every_line_of_a_review_is_in_the_report(text: str) -> None:
    shown = set(told(text).split("\n"))
    flat = "\n".join(shown)
    assert [line for line in text.split("\n") if line.strip() and line.strip() not in flat] == []


@settings(max_examples=200)
@given(REVIEWS)
def test_what_is_shown_as_the_decision_stands_in_the_review(text: str) -> None:
    lines = " ".join(text.split())
    assert [said for said in parse(text).decision if " ".join(said.split()) not in lines] == []
