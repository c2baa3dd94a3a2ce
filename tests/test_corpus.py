"""An overlay is laid over the tree that it changes, and one that says nothing is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit import corpus
from unfit.bank import Exercise
from unfit.errors import BankError, ManifestError
from unfit.planting import shipped_tree
from validate_samples import spoiled

FORECAST = "src/stand/forecast.py"


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    return spoiled(tmp_path)


@pytest.fixture
def entry(exercise: Exercise) -> Path:
    return exercise.solution / "corpus" / "right" / "by_hand"


def test_an_entry_replaces_files_of_the_shipped_tree(exercise: Exercise, entry: Path) -> None:
    tree = corpus.lay(exercise, entry)
    assert tree == shipped_tree(exercise) | {FORECAST: (entry / FORECAST).read_bytes()}


def test_its_expectation_is_no_part_of_the_tree(exercise: Exercise, entry: Path) -> None:
    assert "expect.toml" not in corpus.lay(exercise, entry)


def test_an_entry_may_be_laid_over_the_fixed_project(exercise: Exercise, entry: Path) -> None:
    (entry / "expect.toml").write_text('format = 1\nbase = "fixed"\nwhy = "Another file."\n')
    (entry / FORECAST).rename(entry / "notes.md")
    assert corpus.lay(exercise, entry)[FORECAST] == (exercise.project / FORECAST).read_bytes()


def test_an_entry_deletes_files(exercise: Exercise, entry: Path) -> None:
    (entry / "expect.toml").write_text('format = 1\nwhy = "Less."\ndelete = ["tests/test_forecast.py"]\n')
    assert "tests/test_forecast.py" not in corpus.lay(exercise, entry)


def test_the_sample_needs_no_expectation(exercise: Exercise) -> None:
    folder = exercise.solution / "sample"
    folder.mkdir()
    (folder / "REVIEW.md").write_text("# Review\n")
    assert corpus.sample(exercise) == folder
    assert corpus.lay(exercise, folder)["REVIEW.md"] == b"# Review\n"


def test_an_exercise_without_a_sample_has_none(exercise: Exercise) -> None:
    assert corpus.sample(exercise) is None


def test_deleting_what_is_not_there_names_the_nearest(exercise: Exercise, entry: Path) -> None:
    (entry / "expect.toml").write_text('format = 1\nwhy = "Less."\ndelete = ["src/stand/forcast.py"]\n')
    with pytest.raises(
        BankError, match=r"names src/stand/forcast.py, .* the nearest is `src/stand/forecast.py`"
    ):
        corpus.lay(exercise, entry)


def test_deleting_what_the_overlay_brings_is_refused(exercise: Exercise, entry: Path) -> None:
    (entry / "expect.toml").write_text(f'format = 1\nwhy = "Both."\ndelete = ["{FORECAST}"]\n')
    with pytest.raises(BankError, match="which the overlay brings again"):
        corpus.lay(exercise, entry)


def test_a_file_that_changes_nothing_is_refused(exercise: Exercise, entry: Path) -> None:
    (entry / FORECAST).write_bytes(shipped_tree(exercise)[FORECAST])
    with pytest.raises(BankError, match=r"forecast\.py is the same as in the base"):
        corpus.lay(exercise, entry)


def test_an_overlay_without_files_is_refused(exercise: Exercise, entry: Path) -> None:
    (entry / FORECAST).unlink()
    with pytest.raises(BankError, match="right/by_hand: changes nothing"):
        corpus.lay(exercise, entry)


def test_what_a_tool_left_behind_is_refused(exercise: Exercise, entry: Path) -> None:
    (entry / "src" / ".pytest_cache").mkdir()
    with pytest.raises(BankError, match=r"src/\.pytest_cache was left behind by a tool"):
        corpus.lay(exercise, entry)


def test_what_python_compiles_when_a_wheel_is_installed_is_no_part_of_an_overlay(
    exercise: Exercise, entry: Path
) -> None:
    before = corpus.lay(exercise, entry)
    (entry / "src" / "__pycache__").mkdir()
    (entry / "src" / "__pycache__" / "forecast.cpython-312.pyc").touch()
    assert corpus.lay(exercise, entry) == before


def test_an_overlay_that_is_not_there_is_refused(exercise: Exercise) -> None:
    with pytest.raises(BankError, match="sample: there is no such overlay"):
        corpus.lay(exercise, exercise.solution / "sample")


def test_right_entries_come_first(exercise: Exercise) -> None:
    names = [f"{entry.kind}/{entry.name}" for entry in corpus.entries(exercise)]
    assert names == ["right/by_hand", "right/one_loop", "wrong/median_of_batch", "wrong/other_end"]


def test_an_entry_without_an_expectation_is_refused(exercise: Exercise, entry: Path) -> None:
    (entry / "expect.toml").unlink()
    with pytest.raises(ManifestError, match=r"right/by_hand/expect\.toml: the file does not exist"):
        corpus.entries(exercise)
