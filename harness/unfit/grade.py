"""Grade a submission: every hidden check against its behaviour, joined with what its review says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from unfit import __version__
from unfit.bank import Defect, Exercise
from unfit.case import Terms
from unfit.check_seeds import draw_seed, seed_of
from unfit.checks import Check, load_checks, run
from unfit.errors import Unjudged
from unfit.grades import (
    BackendUsed,
    DecoyGrade,
    DefectGrade,
    DefectStatus,
    Diagnosis,
    ExerciseUsed,
    Finding,
    Grade,
    GuardGrade,
    Outcome,
    SubmissionUsed,
    Timings,
    Together,
    Verdict,
    claims_of,
    status_of,
)
from unfit.headline import headline
from unfit.likeness import exposure_of
from unfit.questions import Memory, Questions
from unfit.sandbox import Backend, Environment, Worker, ensure_works, unbounded
from unfit.submission import Submission

__all__ = [
    "Examination",
    "Watcher",
    "assemble",
    "examine",
    "grade",
    "matched_anew",
    "reviewed",
    "unjudged",
]

Watcher = Callable[[str, Verdict | None], None]
"""Told a check's name when it starts, and its verdict when it ends."""


@dataclass(frozen=True)
class Examination:
    """All verdicts of one submission, by check, with what they cost."""

    verdicts: Mapping[str, Verdict]
    processor: float = 0.0
    wall: Mapping[str, float] = field(default_factory=dict)


def examine(
    exercise: Exercise,
    worker: Worker,
    *,
    seed: int,
    checks: Sequence[Check] | None = None,
    kernel: bool = False,
    watch: Watcher | None = None,
) -> Examination:
    """Run every hidden check of an exercise against one started submission.

    Parameters
    ----------
    exercise : Exercise
    worker : Worker
        The sandbox around the submission.
    seed : int
        The grade's seed.
    checks : sequence of Check, optional
        Already loaded and in order; loaded from the exercise where not given.
    kernel : bool, default=False
        Whether notebooks run in a real kernel instead of the warm shell.
    watch : callable, optional
        Told of every check's start and end.
    """
    terms = Terms(exercise.manifest.contract, source=f"{exercise.slug}/exercise.toml")
    version = exercise.manifest.version
    shared = seed_of("", seed=seed, version=version)
    questions = Questions(lambda: worker, Memory(), only=shared)
    verdicts: dict[str, Verdict] = {}
    wall: dict[str, float] = {}
    processor = 0.0
    for item in load_checks(exercise.solution) if checks is None else checks:
        if watch:
            watch(item.name, None)
        started = time.monotonic()
        own = seed_of(item.name, seed=seed, version=version)
        questions.begin()
        try:
            verdict, spent = run(
                item, questions, terms, seed=own, shared_seed=shared, done=verdicts, kernel=kernel
            )
        except Unjudged as broken:
            verdict, spent = _unjudged(item, broken, seed=own), 0.0
        verdicts[item.name] = verdict
        wall[item.name] = round(time.monotonic() - started, 3)
        processor += spent
        if watch:
            watch(item.name, verdict)
    return Examination(verdicts, processor, wall)


def _unjudged(item: Check, broken: Unjudged, *, seed: int) -> Verdict:
    """End a check that could not cope with an answer: nothing is said about the submission."""
    return Verdict(
        check=item.name,
        sentence=item.sentence,
        outcome=Outcome.ERRORED,
        cause="the kit could not judge this answer",
        detail=broken.message,
        unjudged=True,
        seed=seed,
    )


def unjudged(seen: Iterable[Verdict]) -> tuple[str, ...]:
    """Name the checks that could not judge an answer."""
    return tuple(verdict.check for verdict in seen if verdict.unjudged)


def grade(
    exercise: Exercise,
    submission: Submission,
    *,
    backend: Backend,
    environment: Environment,
    seed: int | None = None,
    form: str = "default",
    defects: Iterable[str] | None = None,
    verified: bool = False,
    receipt: str = "",
    doubts: Mapping[str, str] | None = None,
    findings: Sequence[Finding] | None = None,
    decision: Iterable[str] = (),
    diagnosis: Diagnosis | None = None,
    notes: Iterable[str] = (),
    kernel: bool = False,
    watch: Watcher | None = None,
) -> Grade:
    """Judge a submission by experiment.

    Parameters
    ----------
    exercise : Exercise
    submission : Submission
        A clean, bounded copy; see `unfit.submission.take`.
    backend : Backend
        What confines it.
    environment : Environment
        The Python that runs it.
    seed : int, optional
        Replays an earlier grade; drawn where not given.
    form : str, default="default"
        The defect set that was handed out.
    defects : iterable of str, optional
        What it held on that day; what it holds now where not given.
    verified : bool, default=False
        Whether a receipt proved the form.
    receipt : str, optional
        What people call the receipt by.
    doubts : mapping of str to str, optional
        By defect, why nothing shows that it was ever planted; such a one is not called mended.
    findings : sequence of Finding, optional
        The review's findings, matched; ``None`` where there was no review.
    decision : iterable of str
        What the review decides, in the candidate's own sentences.
    diagnosis : Diagnosis, optional
        What the candidate says happened, judged.
    notes : iterable of str
        What a reader must know first.
    kernel : bool, default=False
        Whether notebooks run in a real kernel instead of the warm shell.
    watch : callable, optional
        Told of every check's start and end.

    Returns
    -------
    grade : Grade

    Raises
    ------
    SandboxError
        If nothing on this machine can confine the submission.
    CheckError
        If a hidden check is itself broken.
    """
    ensure_works(backend)
    checks = load_checks(exercise.solution)
    drawn = draw_seed() if seed is None else seed
    paths = exercise.manifest.contract.paths
    with backend.open(submission.root, environment, paths=paths) as worker:
        seen = examine(exercise, worker, seed=drawn, checks=checks, kernel=kernel, watch=watch)
    return assemble(
        exercise,
        submission,
        seen,
        seed=drawn,
        backend=BackendUsed(name=backend.name, protected=backend.protected, detail=unbounded(backend)),
        environment=environment.digest,
        form=form,
        defects=defects,
        verified=verified,
        receipt=receipt,
        doubts=doubts,
        findings=findings,
        decision=decision,
        diagnosis=diagnosis,
        notes=notes,
    )


def reviewed(
    exercise: Exercise,
    submission: Submission,
    *,
    form: str = "default",
    defects: Iterable[str] | None = None,
    verified: bool = False,
    receipt: str = "",
    findings: Sequence[Finding] = (),
    decision: Iterable[str] = (),
    diagnosis: Diagnosis | None = None,
    notes: Iterable[str] = (),
) -> Grade:
    """Make the grade of a review without code: nothing is run, and no defect is called mended or not mended.

    Parameters
    ----------
    exercise, submission, form, defects, verified, receipt, findings, decision, diagnosis, notes
        See `grade`.
    """
    return assemble(
        exercise,
        submission,
        None,
        seed=0,
        backend=BackendUsed(name="none", protected=True, detail="no code ran"),
        environment="",
        form=form,
        defects=defects,
        verified=verified,
        receipt=receipt,
        findings=tuple(findings),
        decision=decision,
        diagnosis=diagnosis,
        notes=notes,
    )


def assemble(
    exercise: Exercise,
    submission: Submission,
    seen: Examination | None,
    *,
    seed: int,
    backend: BackendUsed,
    environment: str,
    form: str = "default",
    defects: Iterable[str] | None = None,
    verified: bool = False,
    receipt: str = "",
    doubts: Mapping[str, str] | None = None,
    findings: Sequence[Finding] | None = None,
    decision: Iterable[str] = (),
    diagnosis: Diagnosis | None = None,
    notes: Iterable[str] = (),
) -> Grade:
    """Join verdicts and findings into a grade; without an examination it is the grade of a review alone."""
    planted = frozenset(exercise.form(form).defects if defects is None else defects)
    judged = tuple(
        _defect(defect, seen, planted, findings, doubt=(doubts or {}).get(defect.id, ""))
        for defect in exercise.defects
    )
    guards = _guards(exercise, seen) if seen else ()
    found = tuple(findings or ())
    alone = seen is None
    return Grade(
        kit=__version__,
        exercise=ExerciseUsed(
            slug=exercise.slug,
            title=exercise.manifest.title,
            version=exercise.manifest.version,
            digest=exercise.digest,
            exposure=exposure_of(exercise),
            form=form,
            verified=verified,
            receipt=receipt,
        ),
        submission=SubmissionUsed(
            name=submission.name, digest=submission.digest, files=submission.files, size=submission.size
        ),
        backend=backend,
        environment=environment,
        seed=seed,
        review_only=alone,
        headline=headline(judged, guards, found, review_only=alone),
        defects=judged,
        guards=guards,
        decoys=_decoys(exercise, seen),
        findings=found,
        claims=claims_of(judged, found),
        decision=tuple(decision),
        diagnosis=diagnosis,
        notes=(*notes, *(_faults(seen) if seen else ())),
        timings=_timings(seen) if seen else Timings(),
    )


def _timings(seen: Examination) -> Timings:
    return Timings(
        processor_seconds=round(seen.processor, 3),
        wall_seconds=round(sum(seen.wall.values()), 3),
        checks=dict(seen.wall),
    )


def _faults(seen: Examination) -> list[str]:
    """Say which experiments the kit could not judge."""
    names = unjudged(seen.verdicts.values())
    if not names:
        return []
    listed = ", ".join(f"`{name}`" for name in names)
    said = "This is a fault of the kit and says nothing about the candidate"
    return [
        f"The kit could not judge an answer in {listed}. {said}. Judge that part by hand, and report the fault."
    ]


def matched_anew(grade: Grade, findings: Sequence[Finding]) -> Grade:
    """Join a grade's verdicts with other findings, or with the same ones matched otherwise; nothing runs again."""
    defects = tuple(_spotted(defect, findings) for defect in grade.defects)
    return grade.model_copy(
        update={
            "defects": defects,
            "findings": tuple(findings),
            "claims": claims_of(defects, tuple(findings)),
            "headline": headline(defects, grade.guards, tuple(findings), review_only=grade.review_only),
        }
    )


def _spotted(defect: DefectGrade, findings: Sequence[Finding]) -> DefectGrade:
    matches = [finding for finding in findings if defect.id in finding.defects]
    joined = _together(defect, defect.status, matches)
    return defect.model_copy(update={"spotted": bool(matches), "together": joined})


def _defect(
    defect: Defect,
    seen: Examination | None,
    planted: frozenset[str],
    findings: Sequence[Finding] | None,
    *,
    doubt: str,
) -> DefectGrade:
    verdicts = tuple(seen.verdicts[name] for name in defect.checks) if seen else ()
    status = status_of(verdicts) if seen else DefectStatus.NOT_TRIED
    if defect.id not in planted:
        status = DefectStatus.NOT_PLANTED
    doubted = bool(doubt) and status is DefectStatus.MENDED
    if doubted:
        status = DefectStatus.UNPROVEN
    matches = [finding for finding in findings or () if defect.id in finding.defects]
    return DefectGrade(
        id=defect.id,
        title=defect.title,
        category=defect.category,
        severity=defect.severity,
        rule=defect.rule or "",
        judged=defect.judged,
        status=status,
        doubt=doubt if doubted else "",
        spotted=None if findings is None else bool(matches),
        together=_together(defect, status, matches),
        checks=verdicts,
        teaches=defect.teaches,
        asks=defect.asks_mended if status is DefectStatus.MENDED else defect.asks_not_mended,
        files=tuple(dict.fromkeys(edit.file for edit in defect.edits)),
    )


def _together(defect: Defect | DefectGrade, status: DefectStatus, matches: Sequence[Finding]) -> Together:
    if status is DefectStatus.NOT_PLANTED:
        return Together.NOT_PLANTED
    if status is DefectStatus.NOT_TRIED:
        return Together.NAMED if matches else Together.NOT_NAMED
    if status is DefectStatus.MENDED:
        return Together.MENDED
    if matches:
        put_off = any(finding.put_off for finding in matches if finding.match == "matched")
        return Together.PUT_OFF if put_off else Together.DESCRIBED
    undecided = status in {DefectStatus.ERRORED, DefectStatus.UNPROVEN} and defect.judged != "finding"
    return Together.UNDECIDED if undecided else Together.NEITHER


def _guards(exercise: Exercise, seen: Examination) -> tuple[GuardGrade, ...]:
    """Collect the guards: the checks that no defect and no decoy names."""
    named = {name for defect in exercise.defects for name in defect.checks}
    named |= {decoy.check for decoy in exercise.decoys}
    return tuple(
        GuardGrade(name=name, outcome=verdict.outcome, verdict=verdict)
        for name, verdict in seen.verdicts.items()
        if name not in named
    )


def _decoys(exercise: Exercise, seen: Examination | None) -> tuple[DecoyGrade, ...]:
    return tuple(
        DecoyGrade(id=decoy.id, title=decoy.title, verdict=seen.verdicts[decoy.check] if seen else None)
        for decoy in exercise.decoys
    )
