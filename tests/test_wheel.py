"""A wheel in an empty environment, outside of any clone, does everything that `--help` lists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
MOST_BYTES = 8_000_000  # eleven exercises with their data, each once as handed out and once as mended
WALK = {
    "list": [["list"], ["list", "--json"]],
    "export": [["export", "first_look", "ada", "--candidate", "Ada L."]],
    "ledger": [["ledger"]],
    "invite": [["invite", "first_look", "--candidate", "Ben K."]],
    "message": [["message", "reminder", "Ben K."]],
    "setup": [["setup"]],
    "doctor": [["doctor"]],
    "grade": [["grade", "--out", "sample"], ["grade", "first_look", "ada", "--out", "graded"]],
    "followup": [["followup", "graded/grade.json", "ada", "--answers", "predictions.toml"]],
    "overrule": [["overrule", "graded/grade.json", "ada"]],
    "feedback": [["feedback", "graded/grade.json"]],
    "share": [["share", "graded/grade.json"]],
    "rate": [["rate", "graded", "--sheet", "rating.html"]],
    "regrade": [["regrade", "graded", "--submission", "ada", "--out", "again"]],
    "cohort": [["cohort", "handed-in", "--out", "spring", "--workers", "1"]],
    "who": [["who", "Ada L."]],
    "forget": [["forget", "Ada L.", "--yes"]],
    "coverage": [["coverage"]],
    "accuracy": [["accuracy"]],
    "standard": [["standard"], ["standard", "--experiments"]],
    "new": [
        ["new", "pumps", "--bank", "own"],
        ["new", "wards", "--from", "hospital_triage", "--bank", "own"],
    ],
    "adopt": [
        ["adopt", "tills.py", "--entry", "tills:total", "--example", "example.py", "--bank", "own"],
    ],
    "plant": [["plant", "pumps", "--bank", "own"], ["plant", "--check"]],
    "record": [["record", "pumps", "slow-pump", "--bank", "own"]],
    "corpus": [["corpus", "pumps", "wrong", "half_way", "--bank", "own"]],
    "suggest": [["suggest", "first_look"], ["suggest", "wards", "1", "--bank", "own"]],
    "baseline": [
        ["baseline", "pumps", "--bank", "own", "--model", "none", "--date", "2026-01-31", "no/grade.json"]
    ],
    "try": [["try", "pumps", "--plant", "batch-scales-itself", "--bank", "own"]],
    "validate": [["validate", "pumps", "--bank", "own", "--seeds", "1"]],
}
"""For each verb, what somebody types who has only the wheel."""
REFUSED = {"baseline": "no/grade.json"}
"""Verbs that are given something that does not exist, and what they say of it."""
WORKS_BARE = {
    "grade",
    "ledger",
    "list",
    "doctor",
    "setup",
    "plant",
    "accuracy",
    "coverage",
    "standard",
    "validate",
}
WRITERS = (
    "plant",
    "record first_look slow",
    "corpus first_look wrong slower",
    "suggest first_look 1",
    "validate first_look --write-harm",
)
pytestmark = pytest.mark.slow


class Person:
    """Somebody with an environment that holds the wheel alone, in a folder of their own."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
        python = folder / "env" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", wheel], check=True)
        self.desk = folder / "desk"
        self.desk.mkdir()

    def type(self, *words: str, home: str = "home") -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNFIT", "PYTHON"))}
        data = str(self.folder / home)
        return subprocess.run(
            [self.folder / "env" / "bin" / "unfit", *words],
            cwd=self.desk,
            env={**kept, "XDG_DATA_HOME": data},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def verbs(self) -> list[str]:
        listed = self.type("--help").stdout.partition("Commands:")[2]
        return re.findall(r"^  (\w+)", listed, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT], check=True, cwd=folder
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    subprocess.run(
        [TOOLS / "uv", "build", "-q", "--sdist", "--out-dir", folder, ROOT], check=True, cwd=folder
    )
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Person:
    return Person(tmp_path_factory.mktemp("person"), wheel)


def test_the_wheel_holds_every_file_of_the_bank_and_stays_small(wheel: Path) -> None:
    tracked = ["git", "ls-files", "exercises", "solutions"]
    files = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"unfit/bundled/{file}" for file in files} <= names
    assert wheel.stat().st_size < MOST_BYTES


def test_an_index_would_take_the_wheel_and_the_sources(wheel: Path, sources: Path) -> None:
    command: list[str | Path] = [TOOLS / "twine", "check", "--strict", wheel, sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sources_make_the_same_wheel(tmp_path: Path, wheel: Path, sources: Path) -> None:
    build: list[str | Path] = [TOOLS / "uv", "build", "-q", "--wheel", "--out-dir", tmp_path, sources]
    subprocess.run(build, check=True, cwd=tmp_path)
    again = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    assert sorted(again.namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_the_walk_knows_every_verb_of_the_help(person: Person) -> None:
    assert set(person.verbs()) == set(WALK)


@pytest.mark.sandbox
def test_every_verb_works_where_only_the_wheel_is(person: Person) -> None:
    (person.desk / "handed-in").mkdir()
    (person.desk / "tills.py").write_text("def total(sums: list[float]) -> float:\n    return sum(sums)\n")
    (person.desk / "example.py").write_text("from tills import total\n\ntotal([1.5, 2.0])\n")
    for verb, lines in WALK.items():
        for words in lines:
            done = person.type(*words)
            assert "Traceback" not in done.stderr, done.stderr
            refused = verb in REFUSED and REFUSED[verb] in done.stderr and "fix:" in done.stderr
            assert refused or done.returncode == 0, (words, done.stdout + done.stderr)
        if verb == "export":
            shutil.copytree(person.desk / "ada", person.desk / "handed-in" / "ada")


@pytest.mark.parametrize("words", WRITERS)
def test_the_bank_that_came_with_the_kit_is_not_written_to(person: Person, words: str) -> None:
    done = person.type(*words.split())
    assert (done.returncode, "not written to" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("verb", sorted(set(WALK) - WORKS_BARE))
def test_a_verb_without_arguments_says_what_to_type(person: Person, verb: str) -> None:
    done = person.type(verb)
    assert (done.returncode, f"fix: unfit {verb}" in done.stderr) == (2, True), done.stderr
