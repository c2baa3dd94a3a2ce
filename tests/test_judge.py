"""What was handed in is held against what was handed out before anything of it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.errors import SubmissionError
from unfit.export import export
from unfit.export.contents import DEVCONTAINER
from unfit.receiving import Received, receive

REAL = load_bank(Path(__file__).parents[1])


@pytest.fixture
def triage() -> Exercise:
    return REAL.exercise("hospital_triage")


@pytest.fixture
def ada(triage: Exercise, tmp_path: Path) -> Path:
    export(triage, tmp_path / "ada", ledger=tmp_path / "ledger", seed=7, minutes=40, candidate="Ada")
    return tmp_path / "ada"


def received(exercise: Exercise, source: Path, clean: str = "clean") -> Received:
    return receive(
        exercise, source, source.parent / f"{clean}-{exercise.slug}", ledger=source.parent / "ledger"
    )


def test_nothing_differs_in_an_export_that_nobody_touched(triage: Exercise, ada: Path) -> None:
    handed, returned = received(triage, ada).handed_and_returned
    assert handed == returned
    assert "TASK.md" in handed


def test_the_settings_of_a_dev_container_are_no_difference_kept_changed_or_deleted(
    triage: Exercise, ada: Path
) -> None:
    assert (ada / DEVCONTAINER).is_file()
    (ada / DEVCONTAINER).write_text("{}")
    handed, returned = received(triage, ada).handed_and_returned
    assert handed == returned
    (ada / DEVCONTAINER).unlink()
    handed, returned = received(triage, ada, "clean-again").handed_and_returned
    assert handed == returned


def test_a_change_is_the_only_difference(triage: Exercise, ada: Path) -> None:
    (ada / "TASK.md").write_text("mine")
    handed, returned = received(triage, ada).handed_and_returned
    assert [path for path in returned if returned[path] != handed.get(path)] == ["TASK.md"]


def test_without_a_receipt_what_the_kit_added_is_no_difference(triage: Exercise, ada: Path) -> None:
    (ada / "receipt.json").unlink()
    handed, returned = received(triage, ada).handed_and_returned
    assert handed == returned
    assert {"TASK.md", "tasks.py", "Makefile", ".gitignore"}.isdisjoint(handed)


def test_a_proven_receipt_of_another_exercise_is_refused_with_the_right_one(ada: Path) -> None:
    with pytest.raises(
        SubmissionError, match="is of the exercise hospital_triage, not of first_look"
    ) as refusal:
        received(REAL.exercise("first_look"), ada)
    assert "grade it as hospital_triage" in refusal.value.fix


def test_the_files_of_another_exercise_are_refused_with_the_right_one(ada: Path) -> None:
    (ada / "receipt.json").unlink()
    with pytest.raises(SubmissionError, match="its files are those of the exercise hospital_triage"):
        received(REAL.exercise("credit_batch"), ada)


def test_another_exercise_is_named_however_deep_its_project_lies(ada: Path) -> None:
    nested = ada.parent / "mail"
    (nested / "from").mkdir(parents=True)
    ada.rename(nested / "from/ada")
    with pytest.raises(SubmissionError, match="is of the exercise hospital_triage"):
        received(REAL.exercise("credit_batch"), nested)


def test_what_is_of_no_exercise_is_refused_without_naming_one(triage: Exercise, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/a.py").write_text("x = 1\n")
    with pytest.raises(SubmissionError, match="holds nothing of the exercise"):
        received(triage, tmp_path / "own")


def test_a_receipt_beside_the_files_of_another_exercise_is_refused_and_says_how_to_go_on(
    triage: Exercise, ada: Path
) -> None:
    theirs = ada.parent / "bob"
    export(REAL.exercise("first_look"), theirs, ledger=ada.parent / "ledger")
    (ada / "receipt.json").write_bytes(read_tree(theirs)["receipt.json"])
    with pytest.raises(SubmissionError, match="is of the exercise first_look") as refusal:
        received(triage, ada)
    assert r"grade it without receipt.json" in refusal.value.fix
