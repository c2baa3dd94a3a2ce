"""Errata: which verdicts of a grade a check of ours may have got wrong."""

from __future__ import annotations

from collections.abc import Iterator

from unfit.bank import Erratum, Exercise
from unfit.grades import DefectGrade, DefectStatus, Grade

__all__ = ["concerning", "with_errata"]

SAID = {DefectStatus.MENDED: "mended", DefectStatus.NOT_MENDED: "not mended"}


def concerning(exercise: Exercise, grade: Grade) -> Iterator[tuple[Erratum, DefectGrade]]:
    """Find each erratum that covers a verdict of a grade, with that verdict.

    Parameters
    ----------
    exercise : Exercise
        As it is today.
    grade : Grade
        Of the same exercise, of any version.
    """
    for erratum in exercise.errata:
        if erratum.covers(grade.exercise.version):
            for defect in grade.defects:
                if defect.id in erratum.defects and SAID.get(defect.status) == erratum.said:
                    yield erratum, defect


def with_errata(exercise: Exercise, grade: Grade) -> Grade:
    """Note on a grade which of its verdicts may be wrong by a fault of ours.

    Parameters
    ----------
    exercise, grade
        See `concerning`.

    Returns
    -------
    grade : Grade
        With a note for each, once.
    """
    fresh = [_note(erratum, defect) for erratum, defect in concerning(exercise, grade)]
    notes = tuple(dict.fromkeys((*grade.notes, *fresh)))
    return grade if notes == grade.notes else grade.model_copy(update={"notes": notes})


def _note(erratum: Erratum, defect: DefectGrade) -> str:
    what = (
        "judge this one by hand"
        if erratum.until is None
        else f"version {erratum.until} of the exercise judges it rightly: run `unfit regrade`"
    )
    return (
        f'The verdict "{erratum.said}" on "{defect.title.rstrip(".")}" may be a fault of the kit. {erratum.why} '
        f"It concerns fixes of this kind: {erratum.fixes} What to do: {what}."
    )
