"""No value of a make variable is ever run, in a clone or in an export."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.export import CandidateTerms, contents

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
VARIABLES = re.findall(r"^VARIABLES := (.*)", MAKEFILE, re.MULTILINE)[0].split()
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
HOSTILE = {
    "shell": "x;touch PWNED;$(touch PWNED)`touch PWNED`|touch PWNED & touch PWNED && touch PWNED > PWNED",
    "make": "$(shell touch PWNED)${shell touch PWNED} $$(touch PWNED) a$b$$c",
    "quote": "x'; touch PWNED; '",
    "double quote": 'x"; touch PWNED; \\"; touch PWNED; "',
    "newline": "x\ntouch PWNED\n",
    "dash": "--help;touch PWNED",
    "rule": "x: y # z ; touch PWNED\n\t@touch PWNED",
    "spaces": "Ada  Lovelace",
}
TEXTS = [name for name in VARIABLES if name not in {"PYTHON", "VENV"}]
STUB = """#!/bin/sh
printf '%s\\n' "$@" >> RECORD
"""


def clone(folder: Path, venv: str = ".venv") -> Path:
    """Lay out a clone whose programs only write down how they are called."""
    for name in ("pyproject.toml", "harness/unfit/data/environment.lock", "tests/attacks/x"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "docs/reference").mkdir(parents=True)
    (folder / "Makefile").write_text(MAKEFILE)
    for name in ("python", "unfit", "ruff", "mypy", "lint-imports", "pytest", "uv", "mkdocs"):
        stub = folder / venv / "bin" / name
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(STUB)
        stub.chmod(0o755)
    for stamp in (".kit", ".kit-dev", ".kit-cohort", ".kit-bench"):
        (folder / venv / stamp).touch()
    return folder


def make(folder: Path, *words: str, **environment: str) -> str:
    """Call make; return what the programs were called with."""
    path = f"{folder / '.venv/bin'}:{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    subprocess.run(
        ["make", "-k", *words],
        cwd=folder,
        env=inherited | environment | {"PATH": path},
        capture_output=True,
        check=False,
    )
    record = folder / "RECORD"
    return record.read_text() if record.exists() else ""


def touched(folder: Path) -> list[Path]:
    return list(folder.rglob("PWNED*"))


def test_every_variable_of_the_makefile_is_read_as_text() -> None:
    named = set(re.findall(r"\$\$\{?([A-Z]+)", MAKEFILE)) | set(
        re.findall(r"^([A-Z]+) \?=", MAKEFILE, re.MULTILINE)
    )
    assert named == set(VARIABLES)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("names", [TEXTS, ["PYTHON"], ["VENV"]], ids=["others", "PYTHON", "VENV"])
def test_no_value_of_a_variable_is_run_by_any_target(names: list[str], value: str, tmp_path: Path) -> None:
    folder = clone(tmp_path)
    make(folder, *TARGETS, *(f"{name}={value}" for name in names))
    assert touched(folder) == []


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_no_value_from_the_environment_is_run_either(value: str, tmp_path: Path) -> None:
    folder = clone(tmp_path)
    make(folder, *TARGETS, **dict.fromkeys([*TEXTS, "NOBODY_READS_IT"], value))
    assert touched(folder) == []


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_variable_that_no_target_reads_is_not_run_either(value: str, tmp_path: Path) -> None:
    folder = clone(tmp_path)
    assert make(folder, "grade", f"SEED={value}") != ""
    assert touched(folder) == []


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_submission_reaches_the_program_as_it_is_called(value: str, tmp_path: Path) -> None:
    said = make(clone(tmp_path), "grade", "EXERCISE=tea", f"SUBMISSION={value}")
    assert said == f"grade\n--out=grades/tea\n--\ntea\n{value}\n"


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_cohort_reaches_the_program_as_it_is_called(value: str, tmp_path: Path) -> None:
    said = make(clone(tmp_path), "grade", f"SUBMISSIONS={value}", f"OUT={value}")
    assert said == f"cohort\n--out={value}\n--\n{value}\n"


def test_options_are_words_and_quotes_hold_them_together(tmp_path: Path) -> None:
    said = make(clone(tmp_path), "export", "EXERCISE=tea", "TO=a b", "OPTIONS=--candidate 'Ada L' --seed 7")
    assert said == "export\n--candidate\nAda L\n--seed\n7\n--\ntea\na b\n"


def test_both_locks_are_renewed_by_the_uv_of_the_environment(tmp_path: Path) -> None:
    said = make(clone(tmp_path), "lock").split("pip\ncompile\n")[1:]
    assert [call.splitlines()[-1] for call in said] == ["harness/unfit/data/environment.lock", "kit.lock"]
    assert all({"--generate-hashes", "--universal"} <= {*call.splitlines()} for call in said)
    assert said[1].splitlines()[-8:] == [
        "--extra", "cohort", "--extra", "cluster", "pyproject.toml", "-", "-o", "kit.lock",
    ]  # fmt: skip


def test_an_environment_may_have_spaces_in_its_name(tmp_path: Path) -> None:
    said = make(clone(tmp_path, "my venv"), "plant", "VENV=my venv")
    assert said == "plant\n"


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_no_value_is_run_by_any_target_of_an_export(value: str, tmp_path: Path) -> None:
    exercise = load_bank(ROOT).exercise("credit_batch")
    makefile = contents(exercise, terms=CandidateTerms(minutes=60))["Makefile"]
    (tmp_path / "Makefile").write_bytes(makefile)
    targets = re.findall(r"^([a-z-]+):", makefile.decode(), re.MULTILINE)
    make(tmp_path, *targets, f"DAY={value}", "PYTHON=true", "TASKS_PYTHON=true")
    make(tmp_path, *targets, *(f"{name}={value}" for name in ("DAY", "PYTHON", "TASKS_PYTHON")))
    make(tmp_path, *targets, DAY=value, PYTHON=value, TASKS_PYTHON=value)
    assert touched(tmp_path) == []
