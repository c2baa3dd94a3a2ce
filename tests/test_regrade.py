"""Grading again keeps the former grade, and says what is another verdict now and why."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from bank_samples import copied, rewritten, tea_shop
from fake_sandbox import Fake
from test_errata import ERRATUM
from unfit.bank import Bank, load_bank
from unfit.errors import UsageError
from unfit.export import export
from unfit.judge import judge, reports
from unfit.receiving import receive
from unfit.regrade import Stored, regrade, stored
from unfit.report import load_grade, write_reports
from unfit.report.regraded import Regraded, render_regraded, render_regraded_text, said
from unfit.sandbox import Environment

ENVIRONMENT = Environment(Path(sys.executable), digest="test")


def made(folder: Path) -> tuple[Bank, Path, Path]:
    """Grade a right fix with a check that asks too much; return today's bank, the grade and the submission."""
    today, before = copied(folder), copied(folder / "before")
    rewritten(before / "solutions/tea_shop/checks.py", "limit=0.01,", "limit=99.0,")
    exercise, submission = tea_shop(before), folder / "ada-came-back"
    export(exercise, submission, ledger=folder / "ledger", seed=None, minutes=40, candidate="Ada")
    shutil.copytree(exercise.project / "src", submission / "src", dirs_exist_ok=True)
    received = receive(exercise, submission, folder / "clean", ledger=folder / "ledger")
    done = judge(received, backend=Fake(), environment=ENVIRONMENT, seed=5)
    (folder / "ada").mkdir()
    write_reports(reports(received, done), folder / "ada")
    return load_bank(today), folder / "ada", submission


def mended(bank: Bank) -> Bank:
    """Publish the mended check as a new version, with its erratum."""
    folder = bank.root / "solutions/tea_shop"
    rewritten(folder / "exercise.toml", 'version = "1.0.0"', 'version = "1.2.0"')
    (folder / "errata.toml").write_text(ERRATUM)
    return load_bank(bank.root)


def again(bank: Bank, grade: Path, submission: Path | None, to: Path) -> Regraded:
    one = Stored("ada", grade, submission)
    return regrade(bank, one, to, backend=Fake(), environment=ENVIRONMENT, ledger=to.parent / "ledger")


def test_a_verdict_that_an_erratum_covers_is_a_fault_of_the_kit(tmp_path: Path) -> None:
    bank, grade, submission = made(tmp_path)
    (change,) = again(mended(bank), grade, submission, tmp_path / "new").changes
    assert (change.of, change.before, change.after) == ("last-day-ignored", "not mended", "mended")
    assert (change.ours, change.why) == (True, "The check asked for the whole of a day's change.")


def test_a_change_that_no_erratum_covers_says_what_else_is_different(tmp_path: Path) -> None:
    bank, grade, submission = made(tmp_path)
    (change,) = again(load_bank(bank.root), grade, submission, tmp_path / "new").changes
    assert not change.ours
    assert "The exercise was changed under the same version" in change.why


def test_the_former_grade_stays_and_the_new_one_lies_in_its_own_folder(tmp_path: Path) -> None:
    bank, grade, submission = made(tmp_path)
    before = (grade / "grade.json").read_bytes()
    again(mended(bank), grade, submission, tmp_path / "new")
    assert (grade / "grade.json").read_bytes() == before
    assert load_grade(tmp_path / "new/ada/grade.json").seed == load_grade(grade / "grade.json").seed


def test_another_submission_in_the_same_place_is_noted(tmp_path: Path) -> None:
    bank, grade, submission = made(tmp_path)
    (submission / "NOTES.md").write_text("more")
    (note,) = again(bank, grade, submission, tmp_path / "new").notes
    assert "is not what was graded" in note


@pytest.mark.parametrize("where", [None, Path("nowhere")])
def test_a_submission_that_is_not_there_ends_no_other(tmp_path: Path, where: Path | None) -> None:
    bank, grade, _ = made(tmp_path)
    done = again(bank, grade, where, tmp_path / "new")
    assert done.problem
    assert said([done]) == "1 grade made again: 0 changed, 0 as before; 1 could not be graded again."


def test_a_page_tells_whose_fault_a_former_verdict_was(tmp_path: Path) -> None:
    bank, grade, submission = made(tmp_path)
    done = again(mended(bank), grade, submission, tmp_path / "new")
    page, text = render_regraded([done]), render_regraded_text([done])
    assert "fault of the kit" in page
    assert 'href="ada/report.html"' in page
    assert "last-day-ignored: not mended before, mended now." in text


def test_a_place_without_a_grade_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds neither a grade nor a cohort"):
        stored([tmp_path], ledger=tmp_path)


def test_one_submission_for_two_grades_is_refused(tmp_path: Path) -> None:
    _, grade, submission = made(tmp_path)
    with pytest.raises(UsageError, match="one submission is named, and there are 2 grades"):
        stored([grade, grade / "grade.json"], ledger=tmp_path, submission=submission)


def test_grades_of_one_name_are_told_apart(tmp_path: Path) -> None:
    _, grade, _ = made(tmp_path)
    assert [one.name for one in stored([grade, grade], ledger=tmp_path)] == ["ada", "ada-2"]


def test_the_people_of_a_cohort_are_found_by_its_key(tmp_path: Path) -> None:
    _, grade, submission = made(tmp_path)
    out = tmp_path / "cohort"
    (out / "grades").mkdir(parents=True)
    grade.rename(out / "grades/k7m2pq")
    (out / "cohort.json").write_text(json.dumps(SETTINGS))
    key = (
        f'format = 1\n[[person]]\npseudonym = "k7m2pq"\nsubmission = "ada-came-back"\nfolder = "{tmp_path}"\n'
    )
    (tmp_path / "cohort.key.toml").write_text(key)
    (one,) = stored([out], ledger=tmp_path)
    assert (one.name, one.submission) == ("k7m2pq", submission)


SETTINGS = {
    "kit": "0",
    "exercise": "tea_shop",
    "title": "Tea",
    "version": "1.0.0",
    "digest": "d",
    "exposure": "public",
    "defects": {},
    "environment": "e",
    "backend": "fake",
    "protected": False,
    "seed": 5,
}
