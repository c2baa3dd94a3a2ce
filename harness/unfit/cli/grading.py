"""Commands that look at one submission."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from unfit.cli.engines import EngineOption, moved
from unfit.cli.shared import (
    STDOUT,
    BankOption,
    KeyOption,
    LedgerOption,
    SandboxOption,
    app,
    bar,
    built,
    counted,
    near,
    nearest_bank,
    own_bank,
    ready,
    say,
    whole,
    writable,
)
from unfit.errors import UnfitError, Unjudged, UsageError
from unfit.pace import Pace

if TYPE_CHECKING:
    from unfit.bank import Exercise
    from unfit.examination import Watcher
    from unfit.followup import Plan, Predictions
    from unfit.grades import Grade, Verdict
    from unfit.receiving import Received

SAMPLE = "hospital_triage"


@app.command()
def grade(
    context: typer.Context,
    exercise: Annotated[
        str | None, typer.Argument(help="The exercise's name; the bundled sample without it.")
    ] = None,
    submission: Annotated[
        Path | None, typer.Argument(help="A folder, archive, git bundle or repository.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for grade.json and the reports.")] = None,
    seed: Annotated[int | None, typer.Option(help="Replay a grade with its recorded seed.", min=0)] = None,
    sandbox: SandboxOption = "bubblewrap",
    kernel: Annotated[bool, typer.Option("--kernel", help="Run notebooks in a real kernel; slower.")] = False,
    overrules: Annotated[
        Path | None, typer.Option(help="File in which you overruled a finding's match.")
    ] = None,
    comments: Annotated[
        list[Path] | None,
        typer.Option(
            help="JSON of a pull request's or merge request's comments; may be given several times."
        ),
    ] = None,
    review_only: Annotated[
        bool,
        typer.Option(
            "--review-only", help="Only the review was asked for: run nothing, call nothing mended or not."
        ),
    ] = False,
    author: Annotated[
        str, typer.Option(help="The candidate's account there; without it, who began the most threads.")
    ] = "",
    ledger: LedgerOption = None,
    bank: BankOption = None,
    engine: EngineOption = None,  # noqa: ARG001 - read from the context
) -> None:
    """Judge a submission by experiment, in a sandbox."""
    from unfit.bank import load_bank

    if (exercise is None) != (submission is None) and not (exercise and comments):
        raise UsageError(
            f"there is no submission to grade for {exercise}",
            fix=f"say where it is: unfit grade {exercise} PATH (make grade EXERCISE={exercise} SUBMISSION=PATH)",
        )
    nothing_runs = review_only or (submission is None and bool(comments))
    if not nothing_runs:
        moved(context)
    chosen = load_bank(nearest_bank(bank)).exercise(exercise or SAMPLE)
    if not nothing_runs:
        built(chosen)

    from unfit import cohort as many
    from unfit import home
    from unfit.examination import unjudged
    from unfit.judge import judge, reports
    from unfit.receiving import receive
    from unfit.report import Added, write_reports
    from unfit.review import Given, read_exported

    given = Given(exported=read_exported(comments or ()), author=author)
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        source = submission or (None if comments else _sample(chosen, Path(scratch)))
        received = receive(
            chosen,
            source,
            Path(scratch) / "clean",
            ledger=ledger or home.ledger(),
            given=given,
            review_only=review_only,
        )
        many.refuse_forgotten(received, source, ledger or home.ledger())
        backend, place = (None, None) if received.review_only else ready(chosen, sandbox, out)
        if out is not None:
            writable(out)
        added, said = (Added.of(out), _said_before(out, received)) if out is not None else (None, None)
        if said is not None and overrules is None:
            say(f"your word on matches stands: {near(said)}")
        with _progress(chosen) as watch:
            done = judge(
                received,
                backend=backend,
                environment=place,
                seed=seed,
                overrules=overrules or said,
                kernel=kernel,
                watch=watch,
            )
        _show(done)
        if out is not None:
            write_reports(reports(received, done, added=added), out)
            if source is not None:
                many.enter(received, source, out, exercise=chosen.slug, ledger=ledger or home.ledger())
            STDOUT.print(Text(f"\nreport: {out / 'report.html'}\ngrade:  {out / 'grade.json'}"))
        if names := unjudged(done.verdicts):
            raise Unjudged(
                f"the kit could not judge an answer in {', '.join(names)}; the grade is written without it",
                fix="judge that part by hand, and report this fault of the kit with grade.json",
            )


@app.command()
def regrade(
    context: typer.Context,
    grades: Annotated[
        list[Path],
        typer.Argument(help="Each the folder of a cohort, the folder of a grade, or its grade.json."),
    ],
    out: Annotated[Path, typer.Option(help="A new folder for the new grades; the former ones stay.")],
    submission: Annotated[
        Path | None, typer.Option(help="What one grade is of, where the ledger does not know where it lies.")
    ] = None,
    sandbox: SandboxOption = "bubblewrap",
    key: KeyOption = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
    engine: EngineOption = None,  # noqa: ARG001 - read from the context
) -> None:
    """Grade again what was graded, with the checks of today, and show what came out otherwise and why."""
    from unfit import home
    from unfit import regrade as again
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.report.regraded import render_regraded, render_regraded_json, render_regraded_text

    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out}: is not empty", fix="name a new folder with --out; the former grades stay")
    moved(context)
    opened, place_of_exports = load_bank(nearest_bank(bank)), ledger or home.ledger()
    found = again.stored(grades, ledger=place_of_exports, submission=submission, key=key)
    slugs = dict.fromkeys(one.grade.exercise.slug for one in found)
    machines = {slug: ready(opened.exercise(slug), sandbox, out) for slug in slugs}
    done = []
    pace = Pace(len(found))
    with counted("grading again", len(found)) as step:
        for one in found:
            backend, place = machines[one.grade.exercise.slug]
            done.append(
                again.regrade(opened, one, out, backend=backend, environment=place, ledger=place_of_exports)
            )
            pace.add()
            step(one.name, pace.count, pace.total, pace.left, line=f"{pace.count} of {pace.total}")
    write_atomically(out / "regraded.html", render_regraded(done))
    write_atomically(out / "regraded.json", render_regraded_json(done))
    STDOUT.print(Text(f"{render_regraded_text(done)}\n\npage: {near(out / 'regraded.html')}"))


def _said_before(out: Path, received: Received) -> Path | None:
    """Find the overrules of an earlier grade of the same submission in the same place."""
    from unfit.report import OVERRULES, load_grade

    place = out / OVERRULES
    if not place.is_file() or not whole(out).is_file():
        return None
    try:
        before = load_grade(whole(out))
    except UnfitError:
        return None
    return place if before.submission.digest == received.submission.digest else None


def _sample(exercise: Exercise, scratch: Path) -> Path:
    """Lay out the bundled sample submission."""
    from unfit.corpus import lay
    from unfit.planting import write_tree

    folder = exercise.solution / "sample"
    if not folder.is_dir():
        raise UsageError(
            f"this bank has no sample submission of {exercise.slug}",
            fix="name an exercise and a submission: unfit grade EXERCISE PATH",
        )
    write_tree(lay(exercise, folder), scratch / "sample")
    return scratch / "sample"


def _show(done: Grade) -> None:
    from unfit.report.terminal import terminal_view

    STDOUT.print(terminal_view(done), soft_wrap=False)


@contextmanager
def _progress(exercise: Exercise) -> Iterator[Watcher]:
    """Show which experiment runs, where somebody is watching."""
    from unfit.checks import load_checks

    with bar() as progress:
        task = progress.add_task("starting the sandbox", total=len(load_checks(exercise.solution)))

        def watch(check: str, verdict: Verdict | None) -> None:
            progress.update(task, description=check.replace("_", " "), advance=int(verdict is not None))

        yield watch


@app.command()
def followup(
    context: typer.Context,
    grade: Annotated[Path, typer.Argument(help="The folder of the grade, or its grade.json.")],
    submission: Annotated[Path, typer.Argument(help="What was graded, unchanged.")],
    seed: Annotated[int | None, typer.Option(help="Draw with another seed than the grade's.", min=0)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for followup.html and followup.json.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="File of predictions; begun for you where it does not exist.")
    ] = None,
    sandbox: SandboxOption = "bubblewrap",
    bank: BankOption = None,
    engine: EngineOption = None,  # noqa: ARG001 - read from the context
) -> None:
    """Let incidents happen to a submission, beside what its author predicts."""
    from unfit import followup as conversation
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.report import load_grade
    from unfit.submission import take, wanted

    moved(context)
    done = load_grade(whole(grade))
    chosen = load_bank(nearest_bank(bank)).exercise(done.exercise.slug)
    backend, place = ready(chosen, sandbox, out)
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        taken = take(submission, Path(scratch) / "clean", wanted=wanted(chosen))
        drawn = seed if seed is not None or answers is None else conversation.sheet_seed(answers)
        plan = conversation.plan(chosen, done, taken, seed=drawn)
        if answers is not None and not answers.exists():
            conversation.write_sheet(plan, answers)
            STDOUT.print(Text(f"wrote {near(answers)}\nfill in `predicted`, then run the same command"))
            return
        predictions = (
            conversation.read_predictions(plan, answers) if answers is not None else _predicted(plan)
        )
        seen = conversation.carry_out(
            plan,
            predictions,
            backend=backend,
            environment=place,
            watch=lambda incident: say(f"running: {incident.name.replace('_', ' ')}"),
        )
    STDOUT.print(Text(f"\n{conversation.render_text(seen)}"))
    if out is not None:
        write_atomically(out / "followup.html", conversation.render_html(seen))
        write_atomically(out / "followup.json", conversation.render_json(seen))
        STDOUT.print(Text(f"\npage: {out / 'followup.html'}"))


def _predicted(plan: Plan) -> Predictions:
    """Ask the candidate, who sits at this terminal."""
    from unfit.followup import predictions_by

    if not sys.stdin.isatty():
        raise UsageError(
            "predictions come before the code runs, and nobody sits at this terminal",
            fix="name a file for them: --answers predictions.toml (it is begun for you)",
        )
    return predictions_by(
        plan,
        ask=lambda question: STDOUT.input(Text(f"{question} ")),
        say=lambda told: STDOUT.print(Text(told)),
    )


@app.command()
def baseline(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    grades: Annotated[list[Path], typer.Argument(help="The grade.json of each submission.")],
    model: Annotated[str, typer.Option(help="The model that wrote them, with its version.")],
    date: Annotated[datetime, typer.Option(help="The day on which it did.", formats=["%Y-%m-%d"])],
    assistant: Annotated[str, typer.Option(help="The tool that it was used through.")] = "",
    bank: BankOption = None,
) -> None:
    """Record, defect by defect, how often an assistant named and mended it."""
    from unfit import baseline as assistants
    from unfit.bank import load_bank
    from unfit.report import load_grade

    chosen = load_bank(own_bank(bank)).exercise(exercise)
    entry = assistants.count(
        chosen,
        [load_grade(whole(path)) for path in grades],
        model=model,
        date=date.date(),
        assistant=assistant,
    )
    path = assistants.record(chosen, entry)
    STDOUT.print(Text(f"recorded {entry.who} in {near(path)}"))
