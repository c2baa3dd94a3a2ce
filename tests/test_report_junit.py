"""Tests of `unfit.report.junit`."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from report_samples import HOSTILE, LOUD, MIXED
from unfit.grades import Grade
from unfit.report.junit import render_junit

GRADES = pytest.mark.parametrize("grade", [MIXED, LOUD, HOSTILE], ids=["mixed", "loud", "hostile"])


@GRADES
def test_every_grade_is_well_formed_xml(grade: Grade) -> None:
    assert ET.fromstring(render_junit(grade).encode()).tag == "testsuites"


@GRADES
@pytest.mark.parametrize(
    ("count", "element"),
    [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")],
)
def test_the_counts_are_those_of_the_cases(grade: Grade, count: str, element: str) -> None:
    root = ET.fromstring(render_junit(grade).encode())
    for suites in (root, *root.findall("testsuite")):
        assert int(suites.get(count, "")) == len(suites.findall(f".//{element}"))


def test_a_check_that_was_not_reached_is_a_skipped_test() -> None:
    root = ET.fromstring(render_junit(MIXED).encode())
    (case,) = [
        case for case in root.iter("testcase") if case.get("name", "").startswith("A unit changed upstream")
    ]
    assert case.find("skipped") is not None


def test_a_failure_carries_number_and_limit() -> None:
    root = ET.fromstring(render_junit(MIXED).encode())
    assert "largest change of a sibling's score: 0.41 (at most 1e-06 allowed)" in {
        failure.get("message") for failure in root.iter("failure")
    }


def test_no_control_character_is_left() -> None:
    assert not [one for one in render_junit(HOSTILE) if ord(one) < 32 and one != "\n"]


def test_a_submission_adds_no_element() -> None:
    assert {element.tag for element in ET.fromstring(render_junit(HOSTILE).encode()).iter()} == {
        "testsuites", "testsuite", "testcase", "failure", "error",
    }  # fmt: skip
