"""Likeness between submissions is found in what the exercise did not give them, and only shown."""

from __future__ import annotations

import builtins
import inspect
import json
import keyword
import re
from collections.abc import Mapping
from heapq import merge
from pathlib import Path
from typing import Any

import pytest

from cohort_samples import FORECAST, tea
from unfit.bank import Exercise, load_bank
from unfit.cohort.shared_code import CODE, Pair, code_of, find_pairs
from unfit.export import ExportEntry, handed_out

pytest.importorskip("copydetect")

ROOT = Path(__file__).parents[1]
REAL = load_bank(ROOT)
ENTRY = ExportEntry(exercise="tea_shop", version="1.0.0", form="default")

PRINT = 55357033882586
"""Of the first lines of `OWN`, on any machine."""
OWN = '''

def smoothed(days, weight=0.3):
    """Follow the days slowly."""
    level = days[0] if days else 0.0
    for amount in days[1:]:
        level = weight * amount + (1 - weight) * level
    return {"level": round(level, 3), "rest": [amount - level for amount in days]}


def seasons(days, length=7):
    """Take the mean of each day of the week away."""
    means = [sum(days[at::length]) / max(len(days[at::length]), 1) for at in range(length)]
    flat = [amount - means[at % length] for at, amount in enumerate(days)]
    return {"means": means, "flat": flat, "spread": max(flat, default=0.0) - min(flat, default=0.0)}
'''
RENAMED = """

def gentle(history, pace=0.3):
    # something else entirely
    state = history[0] if history else 0.0
    for value in history[1:]:
        state = pace * value + (1 - pace) * state
    return {"state": round(state, 3), "left": [value - state for value in history]}


def weekly(history, period=7):
    # as the week goes
    levels = [sum(history[n::period]) / max(len(history[n::period]), 1) for n in range(period)]
    rest = [value - levels[n % period] for n, value in enumerate(history)]
    return {"levels": levels, "rest": rest, "width": max(rest, default=0.0) - min(rest, default=0.0)}
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
        code = code_of(tea(), {**exported(), **changes}, ENTRY)
        assert code is not None
        folders[name] = tmp_path / name
        folders[name].mkdir()
        (folders[name] / CODE).write_text(code)
    return find_pairs(folders)


def exported() -> dict[str, bytes]:
    return handed_out(tea(), ENTRY)


def with_code(code: str) -> dict[str, bytes]:
    return {FORECAST: exported()[FORECAST] + code.encode()}


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
    assert "for at, amount in enumerate(days)]" in pair.passages[0].texts[0]
    assert "for n, value in enumerate(history)]" in pair.passages[0].texts[1]
    assert pair.passages[0].places[0].startswith(f"{FORECAST}, lines ")


def test_code_that_moved_into_a_notebook_is_found(tmp_path: Path) -> None:
    (pair,) = fingerprinted(tmp_path, a=with_code(OWN), b={"notebooks/own.ipynb": notebook(OWN)})
    assert pair.passages[0].places[1].startswith("notebooks/own.ipynb, lines ")


def test_what_many_wrote_says_nothing_about_two(tmp_path: Path) -> None:
    assert fingerprinted(tmp_path, **{f"s{n}": with_code(OWN) for n in range(8)}) == ()


@pytest.mark.parametrize("slug", REAL.slugs)
def test_independent_work_on_one_export_is_no_pair(slug: str, tmp_path: Path) -> None:
    exercise = REAL.exercise(slug)
    handed = ("right", "shipped", "default")
    right = [one for one in exercise.corpus if (one.kind, one.expect.base, one.expect.form) == handed]
    assert pairs_of(exercise, tmp_path, {entry.name: entry.files for entry in right}) == ()


def test_forty_copied_lines_under_other_names_are_found(tmp_path: Path) -> None:
    exercise = REAL.exercise("hospital_triage")
    entries = {entry.name: entry.files for entry in exercise.corpus}
    copied = inspect.getsource(merge)
    one = entries["rewritten_as_one_module"] | {"src/triage/own.py": copied.encode()}
    other = dict(entries["hospital_masked_alike"])
    other["src/triage/helper.py"] = re.sub(r"(?<![.\w])[a-z_]\w*", renamed, copied).encode()
    (pair,) = pairs_of(exercise, tmp_path, {"one": one, "other": other})
    assert pair.passages[0].places[1].startswith("src/triage/helper.py")


def renamed(found: re.Match[str]) -> str:
    """Give a name that is neither Python's nor a builtin's another one."""
    name = found[0]
    return name if keyword.iskeyword(name) or hasattr(builtins, name) else f"my_{name[::-1]}"


def pairs_of(exercise: Exercise, tmp_path: Path, work: Mapping[str, Mapping[str, bytes]]) -> tuple[Pair, ...]:
    """Hand one export out to several, and compare what they hand in."""
    entry = ExportEntry(exercise=exercise.slug, version="1.0.0", form="default", defects=exercise.default)
    handed = handed_out(exercise, entry)
    for name, files in work.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / CODE).write_text(code_of(exercise, {**handed, **files}, entry) or "")
    return find_pairs({name: tmp_path / name for name in work})


def test_a_submission_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    broken = {"notebooks/own.ipynb": b"{", FORECAST: b"\xff\xfe def ("}
    assert fingerprinted(tmp_path, a=broken, b=with_code(OWN)) == ()


def test_fingerprints_are_the_same_in_every_process() -> None:
    code = json.loads(code_of(tea(), with_code(OWN), ENTRY) or "")
    assert code["prints"][0][:2] == [PRINT, FORECAST]
