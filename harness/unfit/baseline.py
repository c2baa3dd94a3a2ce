"""The baseline: how often named assistants named and mended each defect, as context for reading a grade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import tomlkit
from pydantic import Field

from unfit.bank import Exercise, read_manifest
from unfit.bank.exercises import BASELINE
from unfit.errors import UsageError
from unfit.files import write_atomically
from unfit.grades import DefectGrade, DefectStatus, Grade
from unfit.records import Record

__all__ = ["Baseline", "BaselineEntry", "Counted", "count", "read_baseline", "record", "remarks"]


class Counted(Record):
    """How often one defect was named and mended."""

    id: str
    spotted: int = 0
    """Submissions whose review named it, of those that brought a review."""
    mended: int = 0
    """Submissions that mended it."""


class BaselineEntry(Record):
    """What one assistant did on one day with one form of the exercise; never pooled with another."""

    model: str
    assistant: str = ""
    """The tool that the model was used through."""
    date: dt.date
    version: str
    form: str = "default"
    submissions: int
    reviews: int
    """Submissions that brought a review."""
    defects: tuple[Counted, ...] = Field(default=(), alias="defect")

    @property
    def who(self) -> str:
        """The assistant in words, with its day."""
        tool = f" through {self.assistant}" if self.assistant else ""
        return f"{self.model}{tool} on {self.date}"

    @property
    def key(self) -> tuple[str, ...]:
        """What tells entries apart."""
        return (self.model, self.assistant, self.date.isoformat(), self.version, self.form)


class Baseline(Record):
    """Everything that was recorded for an exercise."""

    format: Literal[1] = 1
    entries: tuple[BaselineEntry, ...] = Field(default=(), alias="entry")


def count(
    exercise: Exercise, grades: Sequence[Grade], *, model: str, date: dt.date, assistant: str = ""
) -> BaselineEntry:
    """Count what an assistant's submissions did, defect by defect.

    Parameters
    ----------
    exercise : Exercise
    grades : sequence of Grade
        One of each submission, all of the same form.
    model : str
        The model, with its version.
    date : date
        The day on which it wrote them.
    assistant : str, default=""
        The tool that it was used through.

    Returns
    -------
    entry : BaselineEntry

    Raises
    ------
    UsageError
        If a grade is of another exercise, version or form, or one submission was given twice under one seed.
    """
    if not model.strip():
        raise UsageError("an assistant without a name is no baseline", fix="name it: --model NAME")
    _of_one_kind(exercise, grades)
    rows = [row for row in grades[0].defects if row.status is not DefectStatus.NOT_PLANTED]
    by_grade = [{row.id: row for row in grade.defects} for grade in grades]
    return BaselineEntry(
        model=model.strip(),
        assistant=assistant.strip(),
        date=date,
        version=exercise.manifest.version,
        form=grades[0].exercise.form,
        submissions=len(grades),
        reviews=sum(any(row.spotted is not None for row in grade.defects) for grade in grades),
        defect=tuple(_counted(row.id, [found[row.id] for found in by_grade]) for row in rows),
    )


def _counted(name: str, rows: Sequence[DefectGrade]) -> Counted:
    return Counted(
        id=name,
        spotted=sum(row.spotted is True for row in rows),
        mended=sum(row.status is DefectStatus.MENDED for row in rows),
    )


def _of_one_kind(exercise: Exercise, grades: Sequence[Grade]) -> None:
    if not grades:
        raise UsageError("there is no grade to count", fix="name the grade.json of each submission")
    for grade in grades:
        if grade.review_only:
            raise UsageError(
                f"{grade.submission.name}: is a review without code, and a baseline counts what was mended",
                fix="leave it out",
            )
        _expect("exercise", grade, grade.exercise.slug, exercise.slug)
        _expect("version", grade, grade.exercise.version, exercise.manifest.version)
        _expect("form", grade, grade.exercise.form, grades[0].exercise.form)
    runs = [(grade.submission.digest, grade.submission.name, grade.seed) for grade in grades]
    if len(set(runs)) < len(runs):
        raise UsageError(
            "one grade was named twice",
            fix="name each submission's grade once; what is counted twice says nothing new",
        )


def _expect(what: str, grade: Grade, seen: str, wanted: str) -> None:
    if seen != wanted:
        raise UsageError(
            f"the grade of {grade.submission.name} is of {what} {seen}, not {wanted}",
            fix="count only grades of one exercise, version and form; others make an entry of their own",
        )


def read_baseline(exercise: Exercise) -> Baseline:
    """Read what was recorded; nothing where nothing was.

    Raises
    ------
    ManifestError
        If the file breaks its format.
    """
    path = exercise.solution / BASELINE
    if not path.exists():
        return Baseline()
    return read_manifest(path, Baseline, shown=exercise.name_of(path))


def record(exercise: Exercise, entry: BaselineEntry) -> Path:
    """Write an entry beside the solution, in place of an earlier one of the same assistant, day, version and form.

    Returns
    -------
    path : Path
    """
    kept = [one for one in read_baseline(exercise).entries if one.key != entry.key]
    document = tomlkit.document()
    document.add(tomlkit.comment("Written by `unfit baseline`: context for reading a report, never pooled."))
    document.add("format", tomlkit.item(1))
    rows = tomlkit.aot()
    for one in sorted([*kept, entry], key=lambda row: (row.date, row.key)):
        rows.append(tomlkit.item(one.model_dump(mode="python", by_alias=True)))
    document.add("entry", rows)
    path = exercise.solution / BASELINE
    write_atomically(path, tomlkit.dumps(document))
    return path


def remarks(exercise: Exercise, grade: Grade) -> Mapping[str, tuple[str, ...]]:
    """Say of each defect what assistants did about it, a sentence each, for the grade's own version and form.

    Parameters
    ----------
    exercise : Exercise
    grade : Grade

    Returns
    -------
    remarks : mapping of str to tuple of str
        By defect id; without those that no assistant met.
    """
    found: dict[str, list[str]] = {}
    for entry in read_baseline(exercise).entries:
        if (entry.version, entry.form) == (grade.exercise.version, grade.exercise.form):
            for row in entry.defects:
                found.setdefault(row.id, []).append(_remark(entry, row))
    return {name: tuple(sentences) for name, sentences in found.items()}


def _remark(entry: BaselineEntry, row: Counted) -> str:
    several = "" if entry.submissions == 1 else "s"
    named = f"; named in {row.spotted} of {entry.reviews} reviews" if entry.reviews else ""
    return f"Mended by {entry.who} in {row.mended} of {entry.submissions} submission{several}{named}."
