"""The hidden half carries a mark, each exercise its own, and a submission that holds one is told apart."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from fake_sandbox import Fake
from unfit.bank import Exercise, load_bank, read_tree
from unfit.bank.canary import CANARY, canaries_in, with_own_canary
from unfit.judge import judge
from unfit.receiving import receive
from unfit.sandbox import Environment
from unfit.scaffold import Kind, create, derive

ROOT = Path(__file__).parents[1]
BUNDLED = load_bank(ROOT)
MARKED = {"GUIDE.md", "decoys.toml", "defects.toml"}


def mark(exercise: Exercise) -> str:
    """Return the one mark of an exercise's hidden half."""
    found = canaries_in(read_tree(exercise.solution))
    assert set(found) == MARKED
    assert len(set(found.values())) == 1
    return found["GUIDE.md"]


def test_each_bundled_exercise_has_a_mark_of_its_own() -> None:
    assert len({mark(BUNDLED.exercise(slug)) for slug in BUNDLED.slugs}) == len(BUNDLED.slugs)


def test_what_candidates_get_has_none() -> None:
    assert canaries_in(read_tree(ROOT / "exercises")) == {}


@pytest.mark.parametrize("kind", ["package", "notebook"])
def test_a_new_exercise_draws_its_mark(kind: Kind, tmp_path: Path) -> None:
    create(tmp_path, "one", kind=kind)
    create(tmp_path, "other", kind=kind)
    bank = load_bank(tmp_path)
    marks = {mark(bank.exercise("one")), mark(bank.exercise("other"))}
    assert len(marks) == 2
    assert "unfit-canary-0000000000000000" not in marks


def test_a_derived_exercise_does_not_keep_the_mark_of_its_origin(tmp_path: Path) -> None:
    derive(tmp_path, ROOT, "first_look", "second_look")
    assert mark(load_bank(tmp_path).exercise("second_look")) != mark(BUNDLED.exercise("first_look"))


def test_files_without_a_mark_stay_as_they_are() -> None:
    tree = {"model.bin": b"\xff\x00unfit", "notes.md": b"unfit-canary-tweet"}
    assert with_own_canary(tree) == tree
    assert CANARY.search("a canary: unfit-canary-00ff00ff.")


@pytest.mark.parametrize(("said", "notes"), [("unfit-canary-3d44094f", 1), ("a canary in a mine", 0)])
def test_a_grade_says_where_a_submission_holds_a_mark(said: str, notes: int, tmp_path: Path) -> None:
    exercise = load_bank(ROOT / "tests/banks/miniature").exercise("tea_shop")
    shutil.copytree(exercise.shipped_folder, tmp_path / "ada")
    (tmp_path / "ada/NOTES.md").write_text(said)
    received = receive(exercise, tmp_path / "ada", tmp_path / "taken", ledger=tmp_path / "ledger")
    grade = judge(received, backend=Fake(), environment=Environment(Path(sys.executable), "here"))
    told = f"NOTES.md holds {said}, the mark of an exercise's hidden half: ask where it came from."
    assert grade.notes.count(told) == notes
