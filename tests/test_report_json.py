"""Tests of `unfit.report.json`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from report_samples import HOSTILE, LOUD, MIXED, PRIVATE, at_most, build, verdict
from unfit.errors import UnfitError, UsageError
from unfit.grades import Grade, GuardGrade, Outcome, Timings
from unfit.report.json import load_grade, render_json, schema


def _load(tmp_path: Path, text: str) -> Grade:
    path = tmp_path / "grade.json"
    path.write_text(text)
    return load_grade(path)


@pytest.mark.parametrize(
    "grade", [MIXED, LOUD, PRIVATE, HOSTILE], ids=["mixed", "loud", "private", "hostile"]
)
def test_a_grade_survives_its_file(grade: Grade, tmp_path: Path) -> None:
    assert grade == _load(tmp_path, render_json(grade))


def test_a_file_read_and_written_again_is_the_same_bytes(tmp_path: Path) -> None:
    assert render_json(MIXED) == render_json(_load(tmp_path, render_json(MIXED)))


def test_the_dump_is_ascii_and_ends_with_a_line_end() -> None:
    shown = render_json(HOSTILE)
    assert (shown.isascii(), shown[-2:]) == (True, "}\n")


def test_the_order_in_which_checks_were_timed_leaves_no_trace() -> None:
    one, other = ({"b": 1.0, "a": 2.0}, {"a": 2.0, "b": 1.0})
    assert render_json(build(timings=Timings(checks=one))) == render_json(
        build(timings=Timings(checks=other))
    )


def test_a_number_that_is_not_finite_becomes_null() -> None:
    item = at_most("x", float("inf"), 1.0)
    guard = GuardGrade(name="g", outcome=Outcome.FAILED, verdict=verdict("g", "It holds.", item))
    dumped = json.loads(render_json(build(guards=(guard,))))
    assert dumped["guards"][0]["verdict"]["evidence"][0]["seen"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ('{"format": 1,', "is not JSON"),
        ("[" * 200_000, "is not JSON"),
        ("[]", "is JSON, but no grade"),
        ("{}", "is JSON, but no grade"),
        ('{"format": 2, "kit": "9.1"}', "is a grade of format 2; this kit reads format 1"),
        ('{"format": 1}', "`kit`: Field required; `exercise`: Field required; .* more"),
    ],
)
def test_what_is_no_grade_is_refused_with_the_reason(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match=said):
        _load(tmp_path, text)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    text = render_json(MIXED).replace('"seed": 7310442', '"seed": 7310442, "sead": 1')
    with pytest.raises(UnfitError, match="`sead`: Extra inputs"):
        _load(tmp_path, text)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        load_grade(tmp_path / "none.json")


def test_the_schema_describes_every_field_of_the_dump() -> None:
    assert set(schema()["properties"]) == set(json.loads(render_json(MIXED)))
