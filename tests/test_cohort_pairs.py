"""Likeness between submissions is found in what the exercise did not give them, and only shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort_samples import FORECAST, tea
from unfit.cohort.pairs import CODE, Pair, code_of, find_pairs

pytest.importorskip("copydetect")

PRINT = 55357033882586
"""Of the first lines of `OWN`, on any machine."""
OWN = '''

def smoothed(days, weight=0.3):
    """Follow the days slowly."""
    level = days[0] if days else 0.0
    for amount in days[1:]:
        level = weight * amount + (1 - weight) * level
    return {"level": round(level, 3), "rest": [amount - level for amount in days]}
'''
RENAMED = """

def gentle(history, pace=0.3):
    # something else entirely
    state = history[0] if history else 0.0
    for value in history[1:]:
        state = pace * value + (1 - pace) * state
    return {"state": round(state, 3), "left": [value - state for value in history]}
"""
OTHER = '''

def spread(days):
    """Say how far the days lie apart."""
    ordered = sorted(days, reverse=True)
    while ordered and ordered[-1] is None:
        ordered.pop()
    return (ordered[0] - ordered[-1]) / max(len(ordered) - 1, 1) if ordered else None
'''


def fingerprinted(tmp_path: Path, **submissions: dict[str, bytes]) -> tuple[Pair, ...]:
    folders = {}
    for name, changes in submissions.items():
        code = code_of(tea(), {**shipped(), **changes}, tea().default)
        assert code is not None
        folders[name] = tmp_path / name
        folders[name].mkdir()
        (folders[name] / CODE).write_text(code)
    return find_pairs(folders)


def shipped() -> dict[str, bytes]:
    root = tea().shipped
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def with_code(code: str) -> dict[str, bytes]:
    return {FORECAST: shipped()[FORECAST] + code.encode()}


def notebook(code: str) -> bytes:
    cell: dict[str, Any] = {
        "id": "one",
        "cell_type": "code",
        "source": code,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_what_was_handed_out_and_the_fixed_project_are_nobodys_own(tmp_path: Path) -> None:
    fixed = {FORECAST: (tea().project / FORECAST).read_bytes()}
    assert fingerprinted(tmp_path, a={}, b={}, c=fixed, d=fixed) == ()


def test_renamed_and_commented_code_is_found_with_its_places(tmp_path: Path) -> None:
    (pair,) = fingerprinted(tmp_path, a=with_code(OWN), b=with_code(RENAMED), c=with_code(OTHER))
    assert pair.names == ("a", "b")
    assert "for amount in days[1:]:" in pair.passages[0].texts[0]
    assert "for value in history[1:]:" in pair.passages[0].texts[1]
    assert pair.passages[0].places[0].startswith(f"{FORECAST}, lines ")


def test_code_that_moved_into_a_notebook_is_found(tmp_path: Path) -> None:
    (pair,) = fingerprinted(tmp_path, a=with_code(OWN), b={"notebooks/own.ipynb": notebook(OWN)})
    assert pair.passages[0].places[1].startswith("notebooks/own.ipynb, lines ")


def test_what_many_wrote_says_nothing_about_two(tmp_path: Path) -> None:
    assert fingerprinted(tmp_path, **{f"s{n}": with_code(OWN) for n in range(8)}) == ()


def test_a_submission_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    broken = {"notebooks/own.ipynb": b"{", FORECAST: b"\xff\xfe def ("}
    assert fingerprinted(tmp_path, a=broken, b=with_code(OWN)) == ()


def test_fingerprints_are_the_same_in_every_process() -> None:
    code = json.loads(code_of(tea(), with_code(OWN), tea().default) or "")
    assert code["prints"][0][:2] == [PRINT, FORECAST]
