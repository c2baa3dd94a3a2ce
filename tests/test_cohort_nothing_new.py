"""A cohort in which nothing is new is known to stand without loading what grades or analyses it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cohort_samples import FORECAST, TEA, Here, graded, hand_in, pseudonyms, tea
from unfit.bank import load_bank
from unfit.cohort import Asked, keep, key_of, side_by_side, stands
from unfit.export import export


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr(side_by_side, "pool", Here)
    export(tea(), tmp_path / "in" / "ada", ledger=tmp_path / "ledger", candidate="Ada")
    hand_in(tmp_path / "in", ben=tea().shipped_folder)
    (tmp_path / "in" / "notes.txt").touch()
    out = tmp_path / "out"
    done = graded(tmp_path / "in", out, seed=5)
    given = Asked(
        load_bank(TEA), "tea_shop", tmp_path / "in", out, key_of(out), tmp_path / "ledger", sandbox="fake"
    )
    keep(given, done.unchanged)
    return given


def test_a_cohort_stands_and_says_what_a_run_would_say(asked: Asked) -> None:
    found = stands(asked)
    assert found is not None
    assert "2 submissions: 2 graded" in found.said
    assert found.told == ("notes.txt: is no submission; left out",)


def test_options_that_change_nothing_leave_it_standing(asked: Asked) -> None:
    assert stands(replace(asked, exercise=None, seed=5)) is not None


def test_another_export_in_the_ledger_leaves_it_standing(asked: Asked, tmp_path: Path) -> None:
    export(tea(), tmp_path / "another", ledger=asked.ledger, candidate="Cyd")
    assert stands(asked) is not None


def first_grade(asked: Asked) -> Path:
    return asked.out / "grades" / pseudonyms(asked.out)["ben"]


CHANGES: dict[str, Callable[[Asked], object]] = {
    "submission": lambda asked: (asked.source / "ben" / FORECAST).write_text("def forecast(sales):\n"),
    "new": lambda asked: hand_in(asked.source, cyd=tea().shipped_folder),
    "overrules": lambda asked: (first_grade(asked) / "overrules.toml").write_text("format = 1\n"),
    "rating": lambda asked: (
        hand_in(first_grade(asked), ratings=tea().shipped_folder / "src" / "tea")
        .joinpath("ratings", "grace.json")
        .write_text("{}")
    ),
    "grade": lambda asked: (first_grade(asked) / "grade.json").unlink(),
    "page": lambda asked: (asked.out / "cohort.html").write_text("edited"),
    "key": lambda asked: asked.key.write_text(asked.key.read_text() + "# mine\n"),
    "ledger": lambda asked: (asked.ledger / "exports.jsonl").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_looked_at_again(change: str, asked: Asked) -> None:
    CHANGES[change](asked)
    assert stands(asked) is None


def test_another_seed_kernel_or_sandbox_is_another_run(asked: Asked) -> None:
    others = (replace(asked, seed=6), replace(asked, kernel=True), replace(asked, sandbox="bubblewrap"))
    assert [stands(other) for other in others] == [None, None, None]


def test_what_failed_is_tried_again(asked: Asked) -> None:
    path = first_grade(asked) / "ending.json"
    path.write_text(path.read_text().replace('"graded"', '"failed"'))
    (asked.out / ".standing.json").unlink()
    keep(asked, "said")
    assert stands(asked) is None


def test_the_stamp_names_nobody(asked: Asked) -> None:
    stamp = (asked.out / ".standing.json").read_text()
    assert "ben" not in stamp
    assert "notes" not in stamp


@pytest.mark.parametrize(
    "module",
    [
        "cohort.nothing_new",
        "cohort.submission_lists",
        "bank.catalogue",
        "invite.overview",
        "register",
        "export",
    ],
)
def test_what_only_looks_up_loads_no_numbers(module: str) -> None:
    heavy = "{'numpy', 'pandas', 'scipy', 'sklearn', 'dask', 'pyarrow', 'nbformat'}"
    code = f"import sys, unfit.{module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
