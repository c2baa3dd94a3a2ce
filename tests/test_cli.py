"""The command says what happened, exits as documented and never shows a traceback for a user's mistake."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEA = ROOT / "tests" / "banks" / "miniature"
SHIPPED = TEA / "exercises" / "tea_shop"

FORECAST = "src/tea/forecast.py"


LONG = f"/tmp/{'a' * 400}"


def unfit(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "unfit", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=options.pop("cwd", ROOT),
        env={**os.environ, **options},
    )


def grade(submission: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return unfit("grade", "tea_shop", submission, "--bank", TEA, "--out", out, *more)


def record_of(out: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((out / "grade.json").read_text())
    return record


def changed(tmp_path: Path, source: str | None) -> Path:
    """Copy the shipped tea shop with another forecast, or without one."""
    tree = tmp_path / "submission"
    (tree / "src" / "tea").mkdir(parents=True)
    (tree / "src" / "tea" / "__init__.py").touch()
    if source is not None:
        (tree / FORECAST).write_text(source)
    return tree


@pytest.mark.sandbox
def test_the_fixed_project_is_mended_throughout(tmp_path: Path) -> None:
    ada, ledger = tmp_path / "ada", tmp_path / "ledger"
    assert unfit("export", "tea_shop", ada, "--bank", TEA, "--ledger", ledger).returncode == 0
    shutil.copytree(TEA / "solutions" / "tea_shop" / "project", ada, dirs_exist_ok=True)
    done = grade(ada, tmp_path / "out", "--ledger", str(ledger))
    assert done.returncode == 0, done.stderr
    assert "3 planted mistakes: 3 mended" in done.stdout


@pytest.mark.sandbox
def test_what_only_one_of_the_forms_that_fit_holds_is_mended_by_receipt_alone(tmp_path: Path) -> None:
    done = grade(TEA / "solutions" / "tea_shop" / "project", tmp_path)
    assert "3 planted mistakes: 1 mended" in done.stdout
    assert "2 undecided" in done.stdout


@pytest.mark.sandbox
def test_the_shipped_exercise_is_mended_nowhere(tmp_path: Path) -> None:
    done = grade(SHIPPED, tmp_path)
    assert done.returncode == 0, done.stderr
    statuses = {item["status"] for item in record_of(tmp_path)["defects"]}
    assert statuses == {"not_mended", "not_planted"}


@pytest.mark.sandbox
def test_a_grade_leaves_every_report_behind(tmp_path: Path) -> None:
    grade(SHIPPED, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {
        "grade.json",
        "report.html",
        "feedback.html",
        "junit.xml",
    }


@pytest.mark.sandbox
def test_a_grade_is_replayed_by_its_seed(tmp_path: Path) -> None:
    grade(SHIPPED, tmp_path / "one")
    first = record_of(tmp_path / "one")
    grade(SHIPPED, tmp_path / "two", "--seed", str(first["seed"]))
    again = record_of(tmp_path / "two")
    assert {**first, "timings": None} == {**again, "timings": None}


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("def forecast(sales:\n", "forecast.py:1"),
        ("def predict(sales):\n    return []\n", "forecast"),
        ("while True:\n    pass\n", " seconds"),  # of processor, or of wall time on a busy machine
        ("import os\nos._exit(0)\n", "before it answered"),
        ("import nowhere\n", "nowhere"),
        ("def forecast(sales):\n    return object()\n", "object"),
    ],
    ids=["syntax", "renamed", "endless", "exits", "package", "no-data"],
)
def test_a_broken_submission_errs_with_its_cause(tmp_path: Path, source: str | None, cause: str) -> None:
    done = grade(changed(tmp_path, source), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    verdicts = [check for defect in record_of(tmp_path / "out")["defects"] for check in defect["checks"]]
    told = [f"{item['cause']} {item['where']}" for item in verdicts if item["outcome"] == "errored"]
    assert any(cause in text for text in told), told


def test_a_folder_with_nothing_of_the_exercise_gets_no_grade(tmp_path: Path) -> None:
    done = grade(changed(tmp_path, None), tmp_path / "out")
    assert done.returncode == 3
    assert "nothing of the exercise" in done.stderr
    assert not (tmp_path / "out" / "grade.json").exists()


def test_a_missing_path_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    done = grade(tmp_path / "nowhere", tmp_path / "out")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "nowhere" in done.stderr


def test_a_zip_bomb_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(200 * 1024 * 1024))
    done = grade(tmp_path / "bomb.zip", tmp_path / "out")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert not (tmp_path / "out" / "grade.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["grade", "tea_shp", "x", "--bank", str(TEA)], 2, "tea_shop"),
        (["grade", "tea_shop", "--bank", str(TEA)], 2, "SUBMISSION=PATH"),
        (["grade", "tea_shop", str(SHIPPED), "--bank", "/nowhere"], 2, "there is no bank at /nowhere"),
        (["grade", "tea_shop", str(SHIPPED), "--bank", str(TEA), "--sandbox", "docker"], 2, "bubblewrap"),
        (
            ["grade", "tea_shop", str(SHIPPED), "--bank", str(TEA), "--out", "/proc/x"],
            2,
            "cannot write to /proc/x",
        ),
        (["plant", "tea_shop", "--show", "nothing", "--bank", str(TEA)], 2, "the nearest is"),
        (["plant", "--show", "nothing", "--bank", str(TEA)], 2, "which exercise"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_a_mistake_ends_in_a_sentence(words: list[str], code: int, said: str) -> None:
    done = unfit(*words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert said in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["export", "tea_shop", LONG, "--bank", TEA, "--ledger", "ledger"],
        ["grade", "tea_shop", LONG, "--bank", TEA],
        ["adopt", LONG, "--bank", TEA],
        ["cohort", "tea_shop", LONG, "--bank", TEA, "--out", "out"],
        ["regrade", LONG, "--bank", TEA, "--out", "out"],
        ["corpus", "tea_shop", "right", "mine", "--from", LONG, "--bank", TEA],
        ["feedback", LONG],
        ["validate", "tea_shop", "--bank", LONG],
    ],
    ids=lambda words: words[0],
)
def test_a_name_that_is_too_long_ends_in_a_sentence(words: list[str | Path], tmp_path: Path) -> None:
    done = unfit(*words, cwd=tmp_path)
    assert (done.returncode in {2, 3}, "Traceback" in done.stderr) == (True, False)
    assert done.stderr.startswith("error: ")
    assert "\n  fix: " in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_manifest_that_is_nested_too_deep_is_named(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    (tmp_path / "solutions" / "deep").mkdir(parents=True)
    (tmp_path / "solutions" / "deep" / "exercise.toml").write_text("a = " + "[" * 50_000)
    done = unfit("list", "--bank", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "solutions/deep/exercise.toml: is nested too deep to be read" in done.stderr


@pytest.mark.parametrize("cells", ["[1]", '[{"cell_type": "code", "source": 5}]', "[" * 50_000])
def test_a_notebook_whose_cells_are_none_is_not_adopted(tmp_path: Path, cells: str) -> None:
    (tmp_path / "p.ipynb").write_text(
        f'{{"cells": {cells}, "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    )
    done = unfit("adopt", tmp_path / "p.ipynb", "--bank", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "p.ipynb: is no notebook" in done.stderr


def test_outside_any_bank_the_command_says_so(tmp_path: Path) -> None:
    done = unfit("plant", cwd=tmp_path)
    assert (done.returncode, "there is no bank" in done.stderr) == (2, True)


def test_in_a_deleted_folder_the_command_says_so(tmp_path: Path) -> None:
    typed = 'rmdir "$PWD"; exec "$0" -m unfit list'
    done = subprocess.run(
        ["sh", "-c", typed, sys.executable], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "has been deleted" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_the_environment_says_how_to_build_it(tmp_path: Path) -> None:
    done = unfit("grade", "tea_shop", SHIPPED, "--bank", TEA, UNFIT_HOME=str(tmp_path))
    assert (done.returncode, "make setup" in done.stderr) == (3, True)


def test_the_difference_of_a_defect_is_shown() -> None:
    done = unfit("plant", "tea_shop", "--show", "last-day-ignored", "--bank", TEA)
    assert (done.returncode, "+    recent = days[-WINDOW - 1 : -1]" in done.stdout) == (0, True)


@pytest.mark.sandbox
def test_an_unprotected_grade_carries_its_stamp(tmp_path: Path) -> None:
    done = grade(SHIPPED, tmp_path, "--sandbox", "unprotected")
    assert (done.returncode, record_of(tmp_path)["backend"]["protected"]) == (0, False)
    assert "UNPROTECTED" in done.stdout
