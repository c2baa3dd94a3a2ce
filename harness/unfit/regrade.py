"""Grade stored submissions again with the checks of today, and say what came out otherwise and why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from unfit.bank import Bank, Exercise
from unfit.cohort import key_of, read_key
from unfit.cohort.settings_and_endings import SETTINGS, folder_of, read_settings
from unfit.cohort.submission_lists import real
from unfit.errata import concerning
from unfit.errors import UnfitError, UsageError
from unfit.examination import unjudged
from unfit.grades import DefectGrade, DefectStatus, Grade, GuardGrade, Outcome
from unfit.judge import judge, reports
from unfit.receiving import receive
from unfit.register import read_register
from unfit.report import OVERRULES, Added, load_grade, write_reports
from unfit.report.regraded import Regraded, VerdictChange
from unfit.report.words import OUTCOME, STATUS
from unfit.review import given_before
from unfit.sandbox import Backend, Environment

__all__ = ["Stored", "compare", "regrade", "stored"]

GRADE = "grade.json"


@dataclass(frozen=True)
class Stored:
    """A grade that was made, with where its submission lies.

    Parameters
    ----------
    name : str
        A pseudonym, or the name of the grade's folder.
    folder : Path
        Where the grade lies.
    submission : Path or None
        None where nobody knows.
    kernel : bool
        Whether its notebooks ran in a real kernel.
    """

    name: str
    folder: Path
    submission: Path | None
    kernel: bool = False

    @cached_property
    def grade(self) -> Grade:
        """The grade, as it was made."""
        return load_grade(self.folder / GRADE)

    @property
    def overrules(self) -> Path | None:
        """The interviewer's word on matches, where there is one."""
        path = self.folder / OVERRULES
        return path if path.is_file() else None


def stored(
    places: Sequence[Path], *, ledger: Path, submission: Path | None = None, key: Path | None = None
) -> list[Stored]:
    """Find grades, and the submissions that they are of.

    Parameters
    ----------
    places : sequence of Path
        Each the folder of a cohort, the folder of a grade, or a ``grade.json``.
    ledger : Path
        The interviewer's folder, which knows where graded submissions lie.
    submission : Path, optional
        Of the one grade that is named.
    key : Path, optional
        Of the one cohort that is named; beside its folder without it.

    Raises
    ------
    UsageError
        If a place holds no grade, or one submission is named for several grades.
    """
    found = [one for place in places for one in _stored_in(place, ledger, key)]
    if submission is None:
        return _named_apart(found)
    if len(found) != 1:
        raise UsageError(
            f"one submission is named, and there are {len(found)} grades",
            fix="name one grade with --submission; cohorts and the ledger know where theirs lie",
        )
    return [replace(found[0], submission=submission)]


def _stored_in(place: Path, ledger: Path, key: Path | None) -> Iterator[Stored]:
    folder = place.parent if place.name == GRADE else place
    if (folder / SETTINGS).is_file():
        yield from _of_cohort(folder, key or key_of(folder))
    elif (folder / GRADE).is_file():
        known = {one.grade: Path(one.submission) for one in read_register(ledger).handed_in}
        yield Stored(folder.resolve().name, folder, known.get(real(folder)))
    else:
        raise UsageError(
            f"{place}: holds neither a grade nor a cohort",
            fix="name a grade.json, its folder, or the folder that `unfit cohort` wrote",
        )


def _of_cohort(out: Path, key: Path) -> Iterator[Stored]:
    settings = read_settings(out)
    if not key.is_file():
        raise UsageError(
            f"{key}: the key of the cohort is not there, so nobody knows whose submissions to grade",
            fix="name it with --key FILE",
        )
    for person in read_key(key).people:
        folder = folder_of(out, person.pseudonym)
        if (folder / GRADE).is_file():
            yield Stored(person.pseudonym, folder, person.path, bool(settings and settings.kernel))


def _named_apart(found: Sequence[Stored]) -> list[Stored]:
    """Add a number to those whose folders have one name."""
    counted: dict[str, int] = {}
    apart = []
    for one in found:
        counted[one.name] = counted.get(one.name, 0) + 1
        name = one.name if counted[one.name] == 1 else f"{one.name}-{counted[one.name]}"
        apart.append(replace(one, name=name))
    return apart


def regrade(
    bank: Bank, one: Stored, to: Path, *, backend: Backend, environment: Environment, ledger: Path
) -> Regraded:
    """Grade one submission again, under its own seed, and hold the two grades against each other.

    Parameters
    ----------
    bank : Bank
    one : Stored
    to : Path
        Folder below which the new grade is written, under its name; the former one stays.
    backend, environment
        See `unfit.judge.grade`.
    ledger : Path

    Returns
    -------
    regraded : Regraded
        With the problem where the submission could not be graded again: it ends no other.
    """
    before = one.grade
    try:
        exercise = bank.exercise(before.exercise.slug)
        after, notes = _graded(
            exercise, one, before, to, backend=backend, environment=environment, ledger=ledger
        )
    except UnfitError as error:
        return Regraded(
            name=one.name, before=before.exercise.version, problem=str(error).replace("\n  fix: ", "; fix: ")
        )
    return Regraded(
        name=one.name,
        before=before.exercise.version,
        after=after.exercise.version,
        changes=compare(exercise, before, after),
        notes=notes,
        report=f"{one.name}/report.html",
    )


def _graded(
    exercise: Exercise,
    one: Stored,
    before: Grade,
    to: Path,
    *,
    backend: Backend,
    environment: Environment,
    ledger: Path,
) -> tuple[Grade, tuple[str, ...]]:
    given = given_before(one.folder)
    if one.submission is None and not (before.review_only and given.exported.remarks):
        raise UsageError(
            "the ledger does not know where its submission lies", fix="name it with --submission PATH"
        )
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        received = receive(
            exercise,
            one.submission,
            Path(scratch, "clean"),
            ledger=ledger,
            name=before.submission.name,
            given=given,
            review_only=before.review_only,
        )
        after = judge(
            received,
            backend=backend,
            environment=environment,
            seed=before.seed,
            overrules=one.overrules,
            kernel=one.kernel,
        )
        (to / one.name).mkdir(parents=True, exist_ok=True)
        added = Added.of(one.folder)
        write_reports(reports(received, after, added=added), to / one.name)
    notes = []
    if after.submission.digest != before.submission.digest:
        notes.append(
            "What lies there now is not what was graded: compare the two grades only where you know what was changed."
        )
    if names := unjudged(after.verdicts):
        notes.append(f"The kit could not judge an answer in {', '.join(names)}: judge that part by hand.")
    return after, tuple(notes)


def compare(exercise: Exercise, before: Grade, after: Grade) -> tuple[VerdictChange, ...]:
    """List the verdicts that are others now, on defects and on guards.

    Parameters
    ----------
    exercise : Exercise
        As it is today, with its errata.
    before, after : Grade
        Of one submission.
    """
    ours = {defect.id: erratum.why for erratum, defect in concerning(exercise, before)}
    other = _what_else(before, after)
    known = {defect.id: defect for defect in before.defects}
    changes = [
        VerdictChange(
            of=new.id,
            title=new.title,
            before=_status(known.get(new.id)),
            after=_status(new),
            ours=new.id in ours,
            why=ours.get(new.id, other),
        )
        for new in after.defects
        if _status(known.get(new.id)) != _status(new)
    ]
    held = {guard.name: guard for guard in before.guards}
    changes += [
        VerdictChange(
            of=new.name,
            title=new.verdict.sentence,
            before=_outcome(held.get(new.name)),
            after=_outcome(new),
            ours=False,
            why=other,
        )
        for new in after.guards
        if _passed(held.get(new.name)) != _passed(new)
    ]
    return tuple(changes)


def _status(defect: DefectGrade | None) -> str:
    return STATUS[DefectStatus.NOT_PLANTED if defect is None else defect.status]


def _outcome(guard: GuardGrade | None) -> str:
    return "not asked" if guard is None else OUTCOME[guard.outcome]


def _passed(guard: GuardGrade | None) -> bool:
    """Take a guard that was not asked for one that held: nothing was said against it."""
    return guard is None or guard.outcome is Outcome.PASSED


def _what_else(before: Grade, after: Grade) -> str:
    """Name what may explain a change that no erratum explains."""
    facts = {
        f"the exercise is {after.exercise.version}, it was {before.exercise.version}": (
            before.exercise.version != after.exercise.version
        ),
        "the exercise was changed under the same version": (
            before.exercise.version == after.exercise.version
            and before.exercise.digest != after.exercise.digest
        ),
        f"the kit is {after.kit}, it was {before.kit}": before.kit != after.kit,
        "the environment is another": before.environment != after.environment,
        "the submission is another": before.submission.digest != after.submission.digest,
    }
    true = [fact for fact, holds in facts.items() if holds]
    return f"No erratum explains it. {'; '.join(true).capitalize() or 'Nothing is different'}: compare the evidence."
