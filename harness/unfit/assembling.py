"""Assembling: verdicts, findings and what else is known of a submission become one grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from unfit import __version__
from unfit.bank import Defect, Exercise
from unfit.examination import Examination, unjudged
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
    claims_of,
    status_of,
)
from unfit.headline import headline
from unfit.likeness import exposure_of
from unfit.submission import Submission

__all__ = ["Background", "assemble", "matched_anew"]


@dataclass(frozen=True)
class Background:
    """What is known of a submission besides how its code behaves.

    Parameters
    ----------
    form : str, default="default"
        The defect set that was handed out.
    planted : iterable of str, optional
        What it held on that day; what it holds now where not given.
    verified : bool, default=False
        Whether a receipt proved the form.
    receipt : str, optional
        What people call the receipt by.
    doubts : mapping of str to str
        By defect, why nothing shows that it was ever planted; such a one is not called mended.
    findings : sequence of Finding, optional
        The review's findings, matched; ``None`` where there was no review.
    decision : tuple of str
        What the review decides, in the candidate's own sentences.
    diagnosis : Diagnosis, optional
        What the candidate says happened, judged.
    notes : tuple of str
        What a reader must know first.
    """

    form: str = "default"
    planted: Iterable[str] | None = None
    verified: bool = False
    receipt: str = ""
    doubts: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[Finding] | None = None
    decision: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    notes: tuple[str, ...] = ()


NOTHING_RAN = BackendUsed(name="none", protected=True, detail="no code ran")


def assemble(
    exercise: Exercise,
    submission: Submission,
    seen: Examination | None,
    background: Background | None = None,
    *,
    seed: int = 0,
    backend: BackendUsed = NOTHING_RAN,
    environment: str = "",
) -> Grade:
    """Join verdicts and background into a grade; without an examination it is the grade of a review alone.

    Parameters
    ----------
    exercise : Exercise
    submission : Submission
    seen : Examination or None
        None where only a review was handed in: nothing ran, and no defect is called mended or not mended.
    background : Background, optional
    seed : int
        The grade's seed.
    backend : BackendUsed
        What confined the submission.
    environment : str
        Hash of the environment that ran it.
    """
    known = background or Background()
    planted = frozenset(exercise.form(known.form).defects if known.planted is None else known.planted)
    judged = tuple(
        _defect(defect, seen, planted, known.findings, doubt=known.doubts.get(defect.id, ""))
        for defect in exercise.defects
    )
    guards = _guards(exercise, seen, planted if known.verified else None) if seen else ()
    found = tuple(known.findings or ())
    alone = seen is None
    return Grade(
        kit=__version__,
        exercise=ExerciseUsed(
            slug=exercise.slug,
            title=exercise.manifest.title,
            version=exercise.manifest.version,
            digest=exercise.digest,
            exposure=exposure_of(exercise),
            form=known.form,
            verified=known.verified,
            receipt=known.receipt,
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
        decision=known.decision,
        diagnosis=known.diagnosis,
        notes=(*known.notes, *(_faults(seen) if seen else ())),
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
    joined = _together(defect, defect.status, findings)
    return defect.model_copy(update={"spotted": bool(_matches(defect, findings)), "together": joined})


def _matches(defect: Defect | DefectGrade, findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if defect.id in finding.defects]


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
    return DefectGrade(
        id=defect.id,
        title=defect.title,
        category=defect.category,
        severity=defect.severity,
        rule=defect.rule or "",
        judged=defect.judged,
        status=status,
        doubt=doubt if doubted else "",
        spotted=None if findings is None else bool(_matches(defect, findings)),
        together=_together(defect, status, findings or ()),
        checks=verdicts,
        teaches=defect.teaches,
        asks=defect.asks_mended if status is DefectStatus.MENDED else defect.asks_not_mended,
        files=tuple(dict.fromkeys(edit.file for edit in defect.edits)),
    )


def _together(defect: Defect | DefectGrade, status: DefectStatus, findings: Sequence[Finding]) -> Together:
    matches = _matches(defect, findings)
    perhaps = any(defect.id in finding.near for finding in findings)
    if status is DefectStatus.NOT_PLANTED:
        return Together.NOT_PLANTED
    if status is DefectStatus.NOT_TRIED:
        unnamed = Together.PERHAPS if perhaps else Together.NOT_NAMED
        return Together.NAMED if matches else unnamed
    if status is DefectStatus.MENDED:
        return Together.MENDED
    if matches:
        put_off = any(finding.put_off for finding in matches if finding.match == "matched")
        return Together.PUT_OFF if put_off else Together.DESCRIBED
    undecided = status in {DefectStatus.ERRORED, DefectStatus.UNPROVEN} and defect.judged != "finding"
    if undecided:
        return Together.UNDECIDED
    return Together.PERHAPS if perhaps else Together.NEITHER


def _guards(exercise: Exercise, seen: Examination, planted: frozenset[str] | None) -> tuple[GuardGrade, ...]:
    """Collect the guards: the checks that no defect and no decoy names.

    What a decoy's check proves was right as well, and where it is proven what was handed out, so were the checks of
    mistakes that were not planted. Both are listed only where they fail: a report that lists all would say what else
    could be planted.
    """
    kept = frozenset(decoy.check for decoy in exercise.decoys)
    named = {name for defect in exercise.defects for name in defect.checks} | kept
    if planted is not None:
        own = {name for defect in exercise.defects if defect.id in planted for name in defect.checks}
        kept |= frozenset(name for defect in exercise.defects for name in defect.checks) - own
    return tuple(
        GuardGrade(name=name, outcome=verdict.outcome, verdict=verdict)
        for name, verdict in seen.verdicts.items()
        if name not in named or (name in kept and verdict.outcome in {Outcome.FAILED, Outcome.ERRORED})
    )


def _decoys(exercise: Exercise, seen: Examination | None) -> tuple[DecoyGrade, ...]:
    return tuple(
        DecoyGrade(id=decoy.id, title=decoy.title, verdict=seen.verdicts[decoy.check] if seen else None)
        for decoy in exercise.decoys
    )
