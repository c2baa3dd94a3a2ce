"""An erratum names the verdicts that a check of ours may have got wrong, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bank_samples import copied, rewritten, tea_shop
from report_samples import MIXED
from unfit.bank import Exercise
from unfit.errata import concerning, with_errata
from unfit.errors import ManifestError
from unfit.grades import DefectGrade, DefectStatus, Grade

ERRATUM = """\
format = 1

[[erratum]]
id = "newest-day-by-name"
since = "1.0.0"
until = "1.2.0"
defects = ["last-day-ignored"]
said = "not mended"
fixes = "Those that weigh the newest day less than the others."
why = "The check asked for the whole of a day's change."
"""


def exercise_with(folder: Path, errata: str = ERRATUM) -> Exercise:
    bank = copied(folder)
    (bank / "solutions/tea_shop/errata.toml").write_text(errata)
    return tea_shop(bank)


def graded(*, version: str = "1.0.0", status: DefectStatus = DefectStatus.NOT_MENDED) -> Grade:
    defect: DefectGrade = MIXED.defects[0].model_copy(update={"id": "last-day-ignored", "status": status})
    used = MIXED.exercise.model_copy(update={"slug": "tea_shop", "version": version})
    return MIXED.model_copy(update={"exercise": used, "defects": (defect,), "notes": ()})


@pytest.mark.parametrize(
    ("version", "status", "covered"),
    [
        ("1.0.0", DefectStatus.NOT_MENDED, True),
        ("1.1.9", DefectStatus.NOT_MENDED, True),
        ("1.2.0", DefectStatus.NOT_MENDED, False),
        ("1.10.0", DefectStatus.NOT_MENDED, False),
        ("1.0.0", DefectStatus.MENDED, False),
        ("1.0.0", DefectStatus.UNPROVEN, False),
    ],
)
def test_it_covers_its_versions_and_its_verdict(
    tmp_path: Path, version: str, status: DefectStatus, covered: bool
) -> None:
    exercise = exercise_with(tmp_path)
    assert bool([*concerning(exercise, graded(version=version, status=status))]) == covered


def test_a_grade_says_what_may_be_a_fault_of_the_kit_and_what_to_do(tmp_path: Path) -> None:
    (note,) = with_errata(exercise_with(tmp_path), graded()).notes
    assert "may be a fault of the kit" in note
    assert "run `unfit regrade`" in note


def test_a_check_that_is_not_mended_yet_is_judged_by_hand(tmp_path: Path) -> None:
    exercise = exercise_with(tmp_path, ERRATUM.replace('until = "1.2.0"\n', ""))
    (note,) = with_errata(exercise, graded(version="9.0.0")).notes
    assert "judge this one by hand" in note


def test_a_note_is_made_once(tmp_path: Path) -> None:
    exercise = exercise_with(tmp_path)
    once = with_errata(exercise, graded())
    assert with_errata(exercise, once) == once


def test_without_errata_a_grade_is_as_it_was() -> None:
    assert with_errata(tea_shop(), graded()) == graded()


def test_an_unknown_defect_is_refused_with_the_nearest(tmp_path: Path) -> None:
    exercise = exercise_with(tmp_path, ERRATUM.replace('["last-day-ignored"]', '["last-day-ignord"]'))
    with pytest.raises(ManifestError, match="`last-day-ignord`, which is no defect") as refusal:
        _ = exercise.errata
    assert "last-day-ignored" in str(refusal.value)


def test_an_erratum_that_ends_before_it_began_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bank/solutions/tea_shop/errata.toml"
    exercise = exercise_with(tmp_path)
    rewritten(path, 'until = "1.2.0"', 'until = "1.0.0"')
    with pytest.raises(ManifestError, match="which is not after `since`"):
        _ = exercise.errata
