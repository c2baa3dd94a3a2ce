"""Reports of a grade: one renderer a file, one audience a renderer, each a pure function of the record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from unfit.files import write_atomically
from unfit.grades import Grade
from unfit.report.added_by_interviewer import AFTER_THE_TALK, OVERRULES, Added
from unfit.report.changes import changes
from unfit.report.difference import PlaceLike
from unfit.report.feedback import render_feedback
from unfit.report.html import ReportContext, render_html
from unfit.report.json import load_grade, render_json, schema
from unfit.report.junit import render_junit
from unfit.report.limit_plot import Reference, references
from unfit.report.markdown import render_markdown
from unfit.report.priorities import LossLike, Opening
from unfit.report.rating_pages import render_ratings
from unfit.report.share import render_share
from unfit.report.terminal import evidence_view, render_terminal, terminal_view

__all__ = [
    "AFTER_THE_TALK",
    "OVERRULES",
    "Added",
    "LossLike",
    "Opening",
    "PlaceLike",
    "Reference",
    "ReportContext",
    "changes",
    "evidence_view",
    "load_grade",
    "references",
    "render_feedback",
    "render_html",
    "render_json",
    "render_junit",
    "render_markdown",
    "render_ratings",
    "render_reports",
    "render_share",
    "render_terminal",
    "schema",
    "terminal_view",
    "write_reports",
]


def render_reports(
    grade: Grade, context: ReportContext | None = None, *, added: Added | None = None
) -> dict[str, str]:
    """Render every report of a grade, by file name; the record comes last.

    Files: ``report.html``, ``share.html``, ``feedback.html``, ``junit.xml``, ``summary.md``,
    ``grade.json``; with what interviewers added, also ``ratings.html`` and ``feedback-after-the-talk.html``. The
    context is that of `render_html`.
    """
    context, added = context or ReportContext(), added or Added()
    beside = {}
    if added.ratings:
        beside["ratings.html"] = render_ratings(grade, added.ratings)
    if added.after_the_talk:
        beside[AFTER_THE_TALK] = render_feedback(grade, after_the_talk=True)
    return {
        "report.html": render_html(grade, context),
        "share.html": render_share(grade, references=context.references, ratings=added.ratings),
        **beside,
        "feedback.html": render_feedback(grade),
        "junit.xml": render_junit(grade),
        "summary.md": render_markdown(grade),
        "grade.json": render_json(grade),
    }


def write_reports(reports: Mapping[str, str], folder: Path) -> None:
    """Write rendered reports into a folder; the record comes last, when its reports are there."""
    (folder / "grade.json").unlink(missing_ok=True)
    for name, text in reports.items():
        write_atomically(folder / name, text)
