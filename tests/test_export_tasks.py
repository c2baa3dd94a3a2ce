"""What a candidate runs needs Python alone, and says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from unfit.bank import load_bank, read_tree
from unfit.export import Terms, contents
from unfit.planting import write_tree
from unfit.submission import take
from unfit.submission.names import junk as left_out
from unfit.templates.export import tasks

BANKS = Path(__file__).parent / "banks"
GOOD = """# Review
## Decision
Hold
## First three
The split
## First hour
Call them
## Rollback
Old model
## What to watch
Alerts
## Tools
None of note
## Findings
### Split
- Where: src/clinic/evaluate.py
- Category: leakage
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    clinic = load_bank(BANKS / "reviewed").exercise("clinic")
    tree = contents(clinic, clinic.default, terms=Terms(minutes=15))
    folder = tmp_path / "ada"
    write_tree(tree | {"REVIEW.md": GOOD.encode(), "receipt.json": b"{}"}, folder)
    return folder


def run(repository: Path, *arguments: str, isolated: bool = True) -> tuple[int, str]:
    """Run a task with Python alone: no site packages, no environment."""
    flags = ["-S"] if isolated else []
    done = subprocess.run(
        [sys.executable, *flags, "-m", "tasks", *arguments],
        cwd=repository, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_check_ends_with_what_it_is(repository: Path) -> None:
    code, said = run(repository, "check")
    assert code == 0
    assert said.endswith("\nThis checks format and visible tests only.\n")
    assert "nothing is missing in their form" in said


def test_a_failing_visible_test_fails_the_check(repository: Path) -> None:
    (repository / "tests").mkdir()
    (repository / "tests/test_a.py").write_text("def test_a():\n    assert False\n")
    code, said = run(repository, "check", isolated=False)
    assert code == 1
    assert "1 failed" in said


def test_tests_that_cannot_run_are_named(repository: Path) -> None:
    (repository / "tests").mkdir()
    (repository / "tests/test_a.py").write_text("def test_a():\n    assert False\n")
    env = {"PATH": "/usr/bin:/bin"}
    command = [
        sys.executable,
        "-S",
        "-c",
        "import tasks; tasks.python = lambda: '/bin/false'; tasks.run_tests()",
    ]
    said = subprocess.run(command, cwd=repository, env=env, capture_output=True, text=True, check=True).stdout
    assert "tests: not run, because pytest is not installed" in said


REVIEWS = {
    "": "REVIEW.md is not filled in",
    "## Decision\nHold\n": "REVIEW.md: nothing about how to roll back",
    GOOD.replace("leakage", "vibes"): "REVIEW.md:17: category `vibes` is none of",
    GOOD.replace("- Where: src/clinic/evaluate.py", "- a"): "REVIEW.md: no finding names a place",
    GOOD.replace("Hold", "<!-- Hold -->"): "REVIEW.md: nothing about a decision",
}


@pytest.mark.parametrize("review", REVIEWS)
def test_a_review_that_lacks_something_is_told_so(review: str, repository: Path) -> None:
    (repository / "REVIEW.md").write_text(review)
    code, said = run(repository, "check")
    assert code == 1
    assert f"look at: {REVIEWS[review]}" in said


def test_a_missing_review_is_told(repository: Path) -> None:
    (repository / "REVIEW.md").unlink()
    assert "look at: there is no REVIEW.md" in run(repository, "check")[1]


CODE = {
    "def other():\n    pass\n": "the entry point clinic.evaluate:evaluate is not defined in src/clinic/evaluate.py",
    "def evaluate(:\n": "src/clinic/evaluate.py:1: ",
    "import torch\n\n\ndef evaluate():\n    pass\n": "src/clinic/evaluate.py:1: imports `torch`, which will not",
}


@pytest.mark.parametrize("code", CODE)
def test_an_entry_point_that_is_lost_is_told(code: str, repository: Path) -> None:
    (repository / "src/clinic/evaluate.py").write_text(code)
    assert CODE[code] in run(repository, "check")[1]


def test_broken_terms_are_told(repository: Path) -> None:
    (repository / "exercise.toml").write_text("oops")
    assert "look at: exercise.toml is missing or broken; restore it" in run(repository, "check")[1]


def test_a_module_that_is_lost_is_told(repository: Path) -> None:
    (repository / "src/clinic/evaluate.py").unlink()
    assert (
        "the entry point clinic.evaluate:evaluate has no file src/clinic/evaluate.py"
        in run(repository, "check")[1]
    )


def test_submit_packs_what_is_graded_and_prints_its_hash(repository: Path, tmp_path: Path) -> None:
    (repository / ".git").mkdir()
    (repository / ".git/config").write_text("[user]\n\temail = ada@example.org\n")
    (repository / "src/clinic/__pycache__").mkdir()
    (repository / "src/clinic/__pycache__/a.pyc").touch()
    code, said = run(repository, "submit")
    taken = take(repository / "submission.zip", tmp_path / "taken")
    assert code == 0
    assert f"{taken.files} files in submission.zip" in said
    assert said.endswith(f"receipt: {taken.digest}\n")
    assert b"ada@example.org" not in (repository / "submission.zip").read_bytes()
    assert {path: path in said for path in read_tree(taken.root)} == dict.fromkeys(
        read_tree(taken.root), True
    )


def test_the_same_files_give_the_same_archive(repository: Path) -> None:
    run(repository, "submit")
    first = (repository / "submission.zip").read_bytes()
    run(repository, "submit")
    assert (repository / "submission.zip").read_bytes() == first


def test_submit_tells_what_is_missing_and_packs_all_the_same(repository: Path) -> None:
    (repository / "REVIEW.md").unlink()
    code, said = run(repository, "submit")
    assert code == 0
    assert "missing: there is no REVIEW.md" in said


def test_a_link_cannot_be_packed(repository: Path) -> None:
    (repository / "data").symlink_to("/etc")
    code, said = run(repository, "submit")
    assert code == 1
    assert "cannot be packed: data is no regular file" in said


def test_an_unknown_task_is_answered_with_those_there_are(repository: Path) -> None:
    assert run(repository, "sumbit") == (2, "usage: python -m tasks setup|check|submit\n")


@pytest.mark.parametrize(
    "name", [*sorted(tasks.LEFT_OUT), "a.pyc", "a.egg-info", "._a", "a.py", ".gitignore", ".env"]
)
def test_a_candidate_and_the_kit_leave_the_same_out(name: str) -> None:
    assert tasks.junk(name) == bool(left_out(name))
