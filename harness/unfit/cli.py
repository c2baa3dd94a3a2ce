"""The ``unfit`` command: arguments, progress, printing, exit codes.

Exit codes: 0 done (a low grade is still done), 1 the bank was found wanting, 2 the command was called wrongly,
3 it could not run.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
from rich.text import Text

from unfit import __version__
from unfit.errors import UnfitError, UsageError

if TYPE_CHECKING:
    from unfit.bank import Exercise
    from unfit.cohort import Progress as CohortProgress
    from unfit.followup import Plan, Predictions
    from unfit.grade import Watcher
    from unfit.grades import Grade, Verdict
    from unfit.sandbox import Backend, Environment
    from unfit.validate import Progress as ValidationProgress

__all__ = ["app", "main"]

SAMPLE = "hospital_triage"
_INTERRUPTED = 128 + signal.SIGINT
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

app = typer.Typer(
    name="unfit",
    help="Broken ML code, planted on purpose, and a judge that cannot be fooled.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Assistants(StrEnum):
    """What a candidate may use."""

    ALLOWED = "allowed"
    NONE = "none"


class Format(StrEnum):
    """What an export becomes."""

    DIR = "dir"
    GIT = "git"
    ZIP = "zip"


_BankOption = Annotated[
    Path | None,
    typer.Option("--bank", help="Folder with exercises/ and solutions/; else the nearest one upward."),
]
_LedgerOption = Annotated[
    Path | None, typer.Option(help="Folder with your key and the list of your exports.")
]
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command; a user's mistake ends in a sentence, never in a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was opened is closed
    try:
        app()
    except UnfitError as error:
        _err.print(Text(f"error: {error}"))
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        place = f"{error.filename}: " if error.filename else ""
        _err.print(
            Text(f"error: {place}{error.strerror}\n  fix: make room on the disk, then run the command again")
        )
        sys.exit(3)
    except KeyboardInterrupt:
        _interrupted()
        sys.exit(_INTERRUPTED)
    except SystemExit as ending:  # the command line's library catches Ctrl-C itself, and ends without a word
        if ending.code == _INTERRUPTED:
            _interrupted()
        raise


def _interrupted() -> None:
    _err.print("interrupted: nothing was written")


def _version(wanted: bool) -> None:
    if wanted:
        _out.print(f"unfit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """Broken ML code, planted on purpose, and a judge that cannot be fooled."""


@app.command()
def grade(
    exercise: Annotated[
        str | None, typer.Argument(help="The exercise's name; the bundled sample without it.")
    ] = None,
    submission: Annotated[
        Path | None, typer.Argument(help="A folder, archive, git bundle or repository.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for grade.json and the reports.")] = None,
    seed: Annotated[int | None, typer.Option(help="Replay a grade with its recorded seed.", min=0)] = None,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap, or unprotected by your explicit word.")
    ] = "bubblewrap",
    kernel: Annotated[bool, typer.Option("--kernel", help="Run notebooks in a real kernel; slower.")] = False,
    overrules: Annotated[
        Path | None, typer.Option(help="File in which you overruled a finding's match.")
    ] = None,
    ledger: _LedgerOption = None,
    bank: _BankOption = None,
) -> None:
    """Judge a submission by experiment, in a sandbox."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.judge import judge, receive, reports
    from unfit.report import write_reports

    if (exercise is None) != (submission is None):
        raise UsageError(
            f"there is no submission to grade for {exercise}",
            fix=f"say where it is: unfit grade {exercise} PATH (make grade EXERCISE={exercise} SUBMISSION=PATH)",
        )
    chosen = load_bank(_bank(bank)).exercise(exercise or SAMPLE)
    backend, place = _ready(chosen, sandbox, out)
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        source = submission if submission is not None else _sample(chosen, Path(scratch))
        received = receive(chosen, source, Path(scratch) / "clean", ledger=ledger or home.ledger())
        with _progress(chosen) as watch:
            done = judge(
                chosen,
                received,
                backend=backend,
                environment=place,
                seed=seed,
                overrules=overrules,
                kernel=kernel,
                watch=watch,
            )
        _show(done)
        if out is not None:
            write_reports(reports(chosen, received, done), out)
            _out.print(Text(f"\nreport: {out / 'report.html'}\ngrade:  {out / 'grade.json'}"))


def _say(sentence: str) -> None:
    _err.print(Text(sentence))


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

    _out.print(terminal_view(done), soft_wrap=False)


def _ready(exercise: Exercise, sandbox: str, out: Path | None) -> tuple[Backend, Environment]:
    """Find what runs and confines a submission, and refuse what stands in the way, before the work begins."""
    from unfit.environment import find
    from unfit.machine import trust
    from unfit.sandbox import choose

    backend = choose(sandbox)
    place = find(exercise.bank, packages=exercise.manifest.environment.packages)
    if out is not None:
        _writable(out)
    if backend.protected:
        trust(place, tell=_say)
    return backend, place


def _writable(out: Path) -> None:
    """Refuse a place that cannot be written before the work, not after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UsageError(
            f"cannot write to {out}: {error.strerror or error}", fix="name another folder with --out"
        ) from None


def _bar(*more: ProgressColumn) -> Progress:
    """Make a bar that only shows where somebody is watching."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        *more,
    )
    return Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal)


@contextmanager
def _progress(exercise: Exercise) -> Iterator[Watcher]:
    """Show which experiment runs, where somebody is watching."""
    from unfit.checks import load_checks

    with _bar() as progress:
        task = progress.add_task("starting the sandbox", total=len(load_checks(exercise.solution)))

        def watch(check: str, verdict: Verdict | None) -> None:
            progress.update(task, description=check.replace("_", " "), advance=int(verdict is not None))

        yield watch


@app.command()
def cohort(
    submissions: Annotated[Path, typer.Argument(help="A folder of submissions, or a CSV file of paths.")],
    out: Annotated[Path, typer.Option(help="Folder for the grades, the table and the page.")],
    exercise: Annotated[
        str | None, typer.Option(help="The exercise; what the receipts name without it.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of all grades; drawn the first time without it.", min=0)
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes side by side.", min=1)] = os.cpu_count() or 2,
    cluster: Annotated[
        str | None, typer.Option(help="Grade on the workers of this Dask scheduler: tcp://HOST:PORT.")
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Programs wrote them; never counted with people.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="File that says who is who; beside the folder without it.")
    ] = None,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap, or unprotected by your explicit word.")
    ] = "bubblewrap",
    kernel: Annotated[bool, typer.Option("--kernel", help="Run notebooks in a real kernel; slower.")] = False,
    ledger: _LedgerOption = None,
    bank: _BankOption = None,
) -> None:
    """Grade many submissions of one exercise, and show them in one table."""
    from unfit import cohort as many
    from unfit import home
    from unfit.bank import load_bank

    opened = load_bank(_bank(bank))
    chosen = opened.exercise(exercise) if exercise else many.find_exercise(opened, submissions)
    backend, place = _ready(chosen, sandbox, out)
    who = key or many.key_of(out)
    with _submissions() as watch:
        done = many.grade_cohort(
            chosen,
            submissions,
            out,
            backend=backend,
            environment=place,
            ledger=ledger or home.ledger(),
            key=who,
            kind="simulated" if simulated else "person",
            seed=seed,
            kernel=kernel,
            workers=workers,
            cluster=cluster,
            watch=watch,
        )
    _out.print(Text(f"{done}\n\npage:  {out / 'cohort.html'}\ntable: {out / 'cohort.csv'}\nkey:   {who}"))


@contextmanager
def _submissions() -> Iterator[Callable[[CohortProgress], None]]:
    """Show how far a cohort has come and how long it will take: a bar, or now and then a line."""
    with _bar(TextColumn("{task.fields[left]}")) as progress:
        task = progress.add_task("starting", total=None, left="")

        def watch(step: CohortProgress) -> None:
            said = f"{step.done.ending.pseudonym} {step.done.ending.outcome}"
            progress.update(task, description=said, completed=step.count, total=step.total, left=step.left)
            if progress.disable and step.worth_a_line:
                _say(f"{step.count} of {step.total} {step.left}".rstrip())

        yield watch


@app.command()
def who(
    cohort: Annotated[Path, typer.Argument(help="The cohort's folder.")],
    name: Annotated[str, typer.Argument(help="A pseudonym, a candidate's name or a submission.")],
    key: Annotated[
        Path | None, typer.Option(help="File that says who is who; beside the folder without it.")
    ] = None,
) -> None:
    """Say who a pseudonym of a cohort stands for, or which pseudonym somebody has."""
    from unfit import cohort as many

    path = key or many.key_of(cohort)
    _out.print(Text(str(many.find_person(many.read_key(path), name, path=path))))


@app.command()
def forget(
    cohort: Annotated[Path, typer.Argument(help="The cohort's folder.")],
    name: Annotated[str, typer.Argument(help="A pseudonym, a candidate's name or a submission.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be.")] = False,
    key: Annotated[
        Path | None, typer.Option(help="File that says who is who; beside the folder without it.")
    ] = None,
    ledger: _LedgerOption = None,
) -> None:
    """Delete everything that a cohort has of one person, the submission and the export included."""
    from unfit import cohort as many
    from unfit import home

    found = many.plan_to_forget(cohort, name, key=key or many.key_of(cohort), ledger=ledger or home.ledger())
    if yes:
        many.forget(found)
    said = "deleted:" if yes else "this would be deleted; to do it, add --yes:"
    _out.print(Text("\n  ".join([said, *found.items]) + f"\n{found.elsewhere}"))


@app.command()
def followup(
    grade: Annotated[Path, typer.Argument(help="The grade.json of the submission.")],
    submission: Annotated[Path, typer.Argument(help="What was graded, unchanged.")],
    seed: Annotated[int | None, typer.Option(help="Draw with another seed than the grade's.", min=0)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for followup.html and followup.json.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="File of predictions; begun for you where it does not exist.")
    ] = None,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap, or unprotected by your explicit word.")
    ] = "bubblewrap",
    bank: _BankOption = None,
) -> None:
    """Let incidents happen to a submission, beside what its author predicts."""
    from unfit import followup as conversation
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.report import load_grade
    from unfit.submission import take

    done = load_grade(grade)
    chosen = load_bank(_bank(bank)).exercise(done.exercise.slug)
    backend, place = _ready(chosen, sandbox, out)
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        taken = take(submission, Path(scratch) / "clean")
        drawn = seed if seed is not None or answers is None else conversation.sheet_seed(answers)
        plan = conversation.plan(chosen, done, taken, seed=drawn)
        if answers is not None and not answers.exists():
            conversation.write_sheet(plan, answers)
            _out.print(Text(f"wrote {_near(answers)}\nfill in `predicted`, then run the same command"))
            return
        predictions = (
            conversation.read_predictions(plan, answers) if answers is not None else _predicted(plan)
        )
        seen = conversation.carry_out(
            plan,
            predictions,
            backend=backend,
            environment=place,
            watch=lambda incident: _say(f"running: {incident.name.replace('_', ' ')}"),
        )
    _out.print(Text(f"\n{conversation.render_text(seen)}"))
    if out is not None:
        write_atomically(out / "followup.html", conversation.render_html(seen))
        write_atomically(out / "followup.json", conversation.render_json(seen))
        _out.print(Text(f"\npage: {out / 'followup.html'}"))


def _predicted(plan: Plan) -> Predictions:
    """Ask the candidate, who sits at this terminal."""
    from unfit.followup import predictions_by

    if not sys.stdin.isatty():
        raise UsageError(
            "predictions come before the code runs, and nobody sits at this terminal",
            fix="name a file for them: --answers predictions.toml (it is begun for you)",
        )
    return predictions_by(
        plan, ask=lambda question: _out.input(Text(f"{question} ")), say=lambda told: _out.print(Text(told))
    )


@app.command()
def baseline(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    grades: Annotated[list[Path], typer.Argument(help="The grade.json of each submission.")],
    model: Annotated[str, typer.Option(help="The model that wrote them, with its version.")],
    date: Annotated[datetime, typer.Option(help="The day on which it did.", formats=["%Y-%m-%d"])],
    assistant: Annotated[str, typer.Option(help="The tool that it was used through.")] = "",
    bank: _BankOption = None,
) -> None:
    """Record, defect by defect, how often an assistant named and mended it."""
    from unfit import baseline as assistants
    from unfit.bank import load_bank
    from unfit.report import load_grade

    chosen = load_bank(_bank(bank)).exercise(exercise)
    entry = assistants.count(
        chosen, [load_grade(path) for path in grades], model=model, date=date.date(), assistant=assistant
    )
    path = assistants.record(chosen, entry)
    _out.print(Text(f"recorded {entry.who} in {_near(path)}"))


@app.command()
def doctor(bank: _BankOption = None) -> None:
    """Say whether this machine can isolate, with what, and what to do if not."""
    from unfit.machine import examine

    findings = examine(_bank(bank, needed=False))
    for finding in findings:
        _out.print(Text("ok      " if finding.good else "missing "), Text(finding.what), sep="")
        if not finding.good and finding.fix:
            _out.print(Text(f"        fix: {finding.fix}"))
    if not all(finding.good for finding in findings):
        raise typer.Exit(3)


@app.command()
def setup(bank: _BankOption = None) -> None:
    """Install what grading needs: bubblewrap where allowed, and the environment of exercises."""
    from unfit.machine import prepare

    prepare(_bank(bank, needed=False), tell=_say)


@app.command()
def plant(
    exercise: Annotated[str | None, typer.Argument(help="One exercise; all of the bank without it.")] = None,
    show: Annotated[str | None, typer.Option(help="Print what one defect changes, and stop.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether exercises/ is current.")] = False,
    bank: _BankOption = None,
) -> None:
    """Regenerate exercises/ from solutions/."""
    from unfit.bank import load_bank
    from unfit.planting import ensure_current, regenerate
    from unfit.planting import show as difference

    opened = load_bank(_bank(bank))
    if show is not None:
        if exercise is None:
            raise UsageError("which exercise has that defect?", fix=f"unfit plant EXERCISE --show {show}")
        _out.print(Text(difference(opened.exercise(exercise), show)))
        return
    slugs = [exercise] if exercise else list(opened.slugs)
    if check:
        for slug in slugs:
            ensure_current(opened.exercise(slug))
        return
    for slug in regenerate(opened, slugs):
        _out.print(Text(f"planted exercises/{slug}"))


@app.command()
def coverage(bank: _BankOption = None) -> None:
    """Print, as Markdown, which known mistakes the exercises of a bank plant."""
    from unfit.bank import load_bank
    from unfit.coverage import gaps, page

    opened = load_bank(_bank(bank))
    exercises = [opened.exercise(slug) for slug in opened.slugs]
    _out.out(page([exercise for exercise in exercises if exercise.complete]), end="", highlight=False)
    missing = gaps(exercises)
    if missing:
        _say(f"no defect covers {', '.join(missing)}")


@app.command()
def export(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    to: Annotated[Path, typer.Argument(help="A new folder, or a new file with --format zip.")],
    candidate: Annotated[str, typer.Option(help="Whom it is for; kept in your ledger only.")] = "",
    form: Annotated[
        str | None, typer.Option(help="A form of the exercise; a wrong name lists them all.")
    ] = None,
    defects: Annotated[str | None, typer.Option(help="The defects of such a form, with commas.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw the shipped data anew.", min=0)] = None,
    minutes: Annotated[int | None, typer.Option(help="Other than the exercise's own.", min=5)] = None,
    assistants: Annotated[Assistants, typer.Option(help="The policy on assistants.")] = Assistants.ALLOWED,
    format: Annotated[Format, typer.Option(help="What to make.")] = Format.DIR,  # noqa: A002 - the option's name
    ledger: _LedgerOption = None,
    bank: _BankOption = None,
) -> None:
    """Make a candidate's repository, and enter it into your ledger."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.export import export as write_export

    receipt = write_export(
        load_bank(_bank(bank)).exercise(exercise),
        to,
        ledger=ledger or home.ledger(),
        candidate=candidate,
        form=form,
        defects=defects.split(",") if defects is not None else None,
        seed=seed,
        minutes=minutes,
        assistants=assistants.value,
        format=format.value,
    )
    _out.print(Text(f"exported {exercise}, form {receipt.form}, to {_near(to)}\nreceipt {receipt.nonce}"))


@app.command()
def new(
    slug: Annotated[
        str, typer.Argument(help="Name of the exercise: lower case, words joined by underscores.")
    ],
    notebook: Annotated[bool, typer.Option("--notebook/--package", help="What candidates work on.")] = False,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    origin: Annotated[str | None, typer.Option("--from", help="Derive it from this exercise.")] = None,
    from_bank: Annotated[
        Path | None, typer.Option(help="The bank of that exercise; else the nearest one upward.")
    ] = None,
    bank: _BankOption = None,
) -> None:
    """Start an exercise of your own that validates at once."""
    from unfit.scaffold import create, derive

    root = bank or _bank(None, needed=False)
    if origin is None:
        path = create(root, slug, kind="notebook" if notebook else "package", title=title)
        _out.print(Text(f"made {_near(path)}\nnext: unfit validate {slug}"))
        return
    derived = derive(root, _bank(from_bank), origin, slug)
    _out.print(Text(f"made {_near(derived.path)}; make it your own:"))
    for item in derived.checklist:
        _out.print(Text(f"  {item.where}: {item.what}"))


@app.command()
def record(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    defect: Annotated[str, typer.Argument(help="Id of the defect, which names the mistake.")],
    copy: Annotated[
        Path | None, typer.Argument(help="The broken working copy; made for you without it.")
    ] = None,
    bank: _BankOption = None,
) -> None:
    """Write the edits of a defect from a working copy that you broke by hand."""
    from unfit.bank import load_bank
    from unfit.planting import plant as planted
    from unfit.planting import write_tree
    from unfit.planting.recording import record as write_edits

    root = _bank(bank)
    chosen = load_bank(root).exercise(exercise)
    folder = copy or root / ".unfit" / f"{exercise}-{defect}"
    if copy is None and not folder.exists():
        write_tree(planted(chosen, ()), folder)
        _out.print(
            Text(f"copied the fixed project to {_near(folder)}\nbreak it there, then run the same command")
        )
        return
    _out.print(Text(write_edits(chosen, defect, folder)))


@app.command()
def validate(
    exercise: Annotated[str | None, typer.Argument(help="One exercise; all of the bank without it.")] = None,
    seeds: Annotated[int, typer.Option(help="How many fresh seeds.", min=1)] = 20,
    seed: Annotated[list[int] | None, typer.Option(help="Replay with this seed; may be repeated.")] = None,
    statistical: Annotated[bool, typer.Option(help="Only the checks whose numbers vary over seeds.")] = False,
    workers: Annotated[int, typer.Option(help="Processes side by side.", min=1)] = os.cpu_count() or 2,
    json: Annotated[Path | None, typer.Option(help="Write the result as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the result as one page.")] = None,
    write_harm: Annotated[bool, typer.Option(help="Keep the measured harm beside the solution.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what changed since a clean run with --write-harm.")
    ] = False,
    sandbox: Annotated[str, typer.Option(help="bubblewrap or unprotected.")] = "bubblewrap",
    bank: _BankOption = None,
) -> None:
    """Prove an exercise: every variant and corpus entry against every check, over seeds."""
    from unfit import validate as gate
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.sandbox import choose

    opened = load_bank(_bank(bank))
    wanting = False
    slugs = [exercise] if exercise else list(opened.slugs)
    for slug in slugs:
        chosen = opened.exercise(slug)
        if changed and gate.proven(chosen):
            _say(f"{slug}: proven as it is")
            continue
        with _examinations() as watch:
            found = gate.validate(
                chosen,
                backend=choose(sandbox),
                seeds=seed or seeds,
                workers=workers,
                cache=gate.cache_folder(),
                statistical=statistical,
                watch=watch,
            )
        _out.print(Text(gate.render_text(found)))
        if json:
            write_atomically(_one_of(json, slug, slugs), found.model_dump_json(indent=1) + "\n")
        if html:
            write_atomically(_one_of(html, slug, slugs), gate.render_html(found))
        if write_harm and not statistical:
            gate.write_harm(chosen, found.harm, clean=found.clean)
        wanting = wanting or not found.clean
    if wanting:
        raise typer.Exit(1)


@contextmanager
def _examinations() -> Iterator[Callable[[ValidationProgress], None]]:
    """Show how far a validation has come, where somebody is watching."""
    with _bar() as progress:
        task = progress.add_task("starting", total=None)

        def watch(step: ValidationProgress) -> None:
            said = f"{step.seen.tree} seed {step.seen.seed}"
            progress.update(task, description=said, completed=step.done, total=step.total)

        yield watch


def _one_of(path: Path, slug: str, slugs: list[str]) -> Path:
    """Give each of several exercises a file of its own."""
    return path if len(slugs) == 1 else path.with_stem(f"{path.stem}-{slug}")


def _near(path: Path) -> Path:
    """Write a path as a person in this folder would."""
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path


def _bank(given: Path | None, *, needed: bool = True) -> Path:
    """Find the bank: the one that is named, else the nearest folder upward that looks like one."""
    if given is not None:
        if not given.is_dir():
            raise UsageError(
                f"there is no bank at {given}", fix="name a folder with exercises/ and solutions/"
            )
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "exercises").is_dir() and (folder / "solutions").is_dir():
            return folder
    if needed:
        raise UsageError(
            f"there is no bank in {here} or above it",
            fix="go into a folder with exercises/ and solutions/, or name one with --bank",
        )
    return here


if __name__ == "__main__":
    main()
