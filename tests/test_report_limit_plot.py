"""Tests of `unfit.report.limit_plot`."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_samples import at_least, at_most, equal
from unfit.grades import Evidence
from unfit.report.limit_plot import HEIGHT, WIDTH, Reference, plot

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


def _labels(drawing: str) -> list[str]:
    return re.findall(r">([^<>]+)</text>", drawing)


@given(NUMBERS, NUMBERS, st.floats(0, 1e6))
def test_every_drawing_is_well_formed_and_stays_in_its_frame(
    seen: float, limit: float, spread: float
) -> None:
    drawing = plot(at_most("x", seen, limit, spread=spread), Reference((seen / 2,), (limit * 2,)))
    ET.fromstring(drawing)
    places = [float(at) for at in re.findall(r' (?:x|cx)="([-\d.]+)"', drawing)]
    assert all(0 <= at <= WIDTH for at in places)
    assert "nan" not in drawing


@given(NUMBERS, NUMBERS)
def test_an_axis_has_few_labels(seen: float, limit: float) -> None:
    assert len(_labels(plot(at_most("x", seen, limit)))) <= 8


def test_a_number_far_over_its_limit_is_drawn_on_decades() -> None:
    assert {"1e-07", "0.1"} <= set(_labels(plot(at_most("x", 0.41, 1e-6))))


def test_a_zero_is_drawn_on_a_linear_axis() -> None:
    assert "0" in _labels(plot(at_most("x", 0.0, 1e-6)))


@pytest.mark.parametrize(("seen", "shape"), [(1.0, "p-met"), (3.0, "p-missed")])
def test_met_and_missed_differ_in_shape(seen: float, shape: str) -> None:
    assert [name for name in ("p-met", "p-missed") if name in plot(at_most("x", seen, 2.0))] == [shape]


@pytest.mark.parametrize("evidence", [at_most("x", 1.0, 2.0), at_least("x", 3.0, 2.0)])
def test_a_number_that_passes_lies_on_the_band(evidence: Evidence) -> None:
    root = ET.fromstring(plot(evidence))
    (band,) = [part for part in root.iter() if part.get("class") == "p-band"]
    (dot,) = [part for part in root.iter() if part.get("class") == "p-met"]
    left = float(band.get("x", ""))
    assert left <= float(dot.get("cx", "")) <= left + float(band.get("width", ""))


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(label="x", passed=True),
        equal("x", "a", "b"),
        at_most("x", None, 1.0),
        at_most("x", float("inf"), 1.0),
    ],
)
def test_without_two_numbers_nothing_is_drawn(evidence: Evidence) -> None:
    assert plot(evidence) == ""


def test_a_label_is_escaped() -> None:
    assert "<b>" not in plot(at_most('<b> "x"', 1.0, 2.0))


def test_the_drawing_says_in_words_what_it_shows() -> None:
    assert 'aria-label="x: 1, at most 2 allowed, met"' in plot(at_most("x", 1.0, 2.0))


def test_the_frame_is_that_of_the_page() -> None:
    assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in plot(at_most("x", 1.0, 2.0))
