"""Judge what was handed in: its receipt, its review and its behaviour become one grade with its reports."""

from __future__ import annotations

from pathlib import Path

from unfit.assembling import Background, assemble, matched_anew
from unfit.bank import Exercise
from unfit.bank.canary import canaries_in
from unfit.baseline import remarks
from unfit.check_seeds import draw_seed
from unfit.checks import load_checks
from unfit.diagnosis import diagnosis_of
from unfit.errata import with_errata
from unfit.errors import SandboxError, UsageError
from unfit.examination import Watcher, examine
from unfit.followup import ensure_of_one
from unfit.grades import BackendUsed, Grade
from unfit.harm import read_harm
from unfit.notebook_cells import same_cells
from unfit.receiving import Received
from unfit.report import Added, ReportContext, references, render_reports
from unfit.review import GIVEN, apply_overrules
from unfit.sandbox import Backend, Environment, ensure_works, unbounded
from unfit.submission import Submission, is_document

__all__ = ["grade", "judge", "judge_again", "reports"]


def judge(
    received: Received,
    *,
    backend: Backend | None,
    environment: Environment | None,
    seed: int | None = None,
    overrules: Path | None = None,
    kernel: bool = False,
    watch: Watcher | None = None,
) -> Grade:
    """Judge a submission by experiment, and read what it says.

    Parameters
    ----------
    received : Received
    overrules : Path, optional
        The interviewer's word on matches.
    backend, environment, seed, kernel, watch
        See `grade`; the first two are not needed where only a review was handed in.
    """
    exercise, submission = received.exercise, received.submission
    background = _background(received, overrules)
    if received.review_only:
        return assemble(exercise, submission, None, background)
    if backend is None or environment is None:
        raise SandboxError(
            f"{submission.name}: holds code, and nothing is there to run it",
            fix="name a sandbox, or say that only the review counts",
        )
    done = grade(
        exercise,
        submission,
        background,
        backend=backend,
        environment=environment,
        seed=seed,
        kernel=kernel,
        watch=watch,
    )
    return with_errata(exercise, done)


def _background(received: Received, overrules: Path | None) -> Background:
    """Gather what is known besides how the code behaves: what was handed out, and what the submission says."""
    said, receipt, planted = received.reading, received.receipt, received.variant.defects
    findings = said.findings
    if overrules is not None and findings is not None:
        findings = apply_overrules(findings, overrules, defects=planted)
    if received.review_only:
        findings = findings or ()
    return Background(
        form=receipt.form,
        planted=planted,
        verified=receipt.verified,
        receipt=receipt.called,
        doubts={} if received.review_only else receipt.doubts,
        findings=findings,
        decision=said.decision,
        diagnosis=diagnosis_of(received.exercise, received.files, seed=receipt.seed),
        notes=(
            *received.submission.notes,
            *([receipt.note] if receipt.note else []),
            *(_not_looked_at(received) if received.review_only else _hidden_marks(received)),
            *said.notes,
        ),
    )


def grade(
    exercise: Exercise,
    submission: Submission,
    background: Background | None = None,
    *,
    backend: Backend,
    environment: Environment,
    seed: int | None = None,
    kernel: bool = False,
    watch: Watcher | None = None,
) -> Grade:
    """Run every check against a submission, and make a grade of what was seen.

    Parameters
    ----------
    exercise : Exercise
    submission : Submission
        A clean, bounded copy; see `unfit.submission.take`.
    background : Background, optional
        What is known of it besides.
    backend : Backend
        What confines it.
    environment : Environment
        The Python that runs it.
    seed : int, optional
        Replays an earlier grade; drawn where not given.
    kernel : bool, default=False
        Whether notebooks run in a real kernel instead of the warm shell.
    watch : callable, optional
        Told of every check's start and end.

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
        background,
        seed=drawn,
        backend=BackendUsed(name=backend.name, protected=backend.protected, detail=unbounded(backend)),
        environment=environment.digest,
    )


def judge_again(received: Received, before: Grade, *, overrules: Path) -> Grade:
    """Let the interviewer's word stand over matches; the verdicts of the experiments are kept.

    Parameters
    ----------
    received : Received
        What was graded, unchanged.
    before : Grade
    overrules : Path
        All that is overruled: what a former file said and this one does not is as the kit matched it.

    Raises
    ------
    UsageError
        If the grade is not of this submission, or there is no review to overrule.
    """
    exercise = received.exercise
    ensure_of_one(exercise, before, received.submission)
    findings = received.reading.findings
    if findings is None:
        raise UsageError(
            "nothing was written about the code, so there is no match to overrule",
            fix="read what the submission says; a review that is missing cannot be overruled",
        )
    word = apply_overrules(findings, overrules, defects=received.variant.defects)
    return with_errata(exercise, matched_anew(before, word))


def reports(received: Received, done: Grade, *, added: Added | None = None) -> dict[str, str]:
    """Render every report of a grade beside what was handed out and what came back, by file name."""
    exercise = received.exercise
    handed, returned = received.handed_and_returned
    harm = read_harm(exercise)
    kept = {GIVEN: received.given.model_dump_json(indent=1) + "\n"} if received.given.exported.remarks else {}
    context = ReportContext(
        shipped=handed,
        submitted=returned,
        fixed=received.variant.resolved.tree,
        places=received.variant.places,
        opening=received.reading.opening,
        losses=harm.losses,
        references=references(harm),
        baseline=remarks(exercise, done),
    )
    return kept | render_reports(done, context, added=added)


def _not_looked_at(received: Received) -> list[str]:
    """Say that code was changed which no experiment looked at, by the interviewer's word."""
    handed, returned = received.handed_and_returned
    changed = [
        path
        for path in sorted(handed.keys() | returned.keys())
        if not _the_same(path, handed.get(path), returned.get(path))
        and not is_document(tuple(path.split("/")))
    ]
    if not changed:
        return []
    files = "1 file is" if len(changed) == 1 else f"{len(changed)} files are"
    return [
        f"{files} not as handed out, `{changed[0]}` first. No experiment looked at that: only the review was asked for."
    ]


def _the_same(path: str, handed: bytes | None, returned: bytes | None) -> bool:
    """Whether a file says what it said; a notebook that was only saved again does."""
    both = handed is not None and returned is not None and path.endswith(".ipynb")
    return handed == returned or (both and same_cells(handed or b"", returned or b""))


def _hidden_marks(received: Received) -> list[str]:
    """Say that a submission holds something of the half of an exercise that no candidate is given."""
    return [
        f"{path} holds {mark}, the mark of an exercise's hidden half: ask where it came from."
        for path, mark in canaries_in(received.files).items()
    ][:1]
