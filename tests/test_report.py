"""Tests of `unfit.report`."""

from __future__ import annotations

from pathlib import Path

import pytest

from report_samples import CONTEXT, MIXED
from unfit import report
from unfit.errors import UnfitError
from unfit.report import load_grade, render_reports, write_reports


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in report.__all__ if not hasattr(report, name)] == []


def test_every_report_of_a_grade_is_written(tmp_path: Path) -> None:
    write_reports(render_reports(MIXED, CONTEXT), tmp_path)
    names = {"grade.json", "report.html", "share.html", "feedback.html", "junit.xml", "summary.md"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_the_record_that_is_written_is_the_grade(tmp_path: Path) -> None:
    write_reports(render_reports(MIXED), tmp_path)
    assert load_grade(tmp_path / "grade.json") == MIXED


def test_no_grade_is_left_where_a_report_could_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "summary.md").mkdir()
    with pytest.raises(UnfitError, match="could not be written"):
        write_reports(render_reports(MIXED), tmp_path)
    assert not (tmp_path / "grade.json").exists()
