"""Commands that look at many submissions, and at whose they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import TextColumn
from rich.text import Text

from unfit.cli.shared import STDOUT, BankOption, LedgerOption, Lines, app, bar, nearest_bank, ready

if TYPE_CHECKING:
    from unfit.cohort import Progress as CohortProgress


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
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Grade many submissions of one exercise, and show them in one table."""
    from unfit import cohort as many
    from unfit import home
    from unfit.bank import load_bank

    opened = load_bank(nearest_bank(bank))
    chosen = opened.exercise(exercise) if exercise else many.find_exercise(opened, submissions)
    backend, place = ready(chosen, sandbox, out)
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
    STDOUT.print(Text(f"{done}\n\npage:  {out / 'cohort.html'}\ntable: {out / 'cohort.csv'}\nkey:   {who}"))


@contextmanager
def _submissions() -> Iterator[Callable[[CohortProgress], None]]:
    """Show how far a cohort has come and how long it will take."""
    with bar(TextColumn("{task.fields[left]}")) as progress:
        task, lines = progress.add_task("starting", total=None, left=""), Lines(progress)

        def watch(step: CohortProgress) -> None:
            said = f"{step.done.ending.pseudonym} {step.done.ending.outcome}"
            progress.update(task, description=said, completed=step.count, total=step.total, left=step.left)
            lines.add(f"{step.count} of {step.total} {step.left}".rstrip())

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
    STDOUT.print(Text(str(many.find_person(many.read_key(path), name, path=path))))


@app.command()
def forget(
    cohort: Annotated[Path, typer.Argument(help="The cohort's folder.")],
    name: Annotated[str, typer.Argument(help="A pseudonym, a candidate's name or a submission.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be.")] = False,
    key: Annotated[
        Path | None, typer.Option(help="File that says who is who; beside the folder without it.")
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Delete everything that a cohort has of one person, the submission and the export included."""
    from unfit import cohort as many
    from unfit import home

    found = many.plan_to_forget(cohort, name, key=key or many.key_of(cohort), ledger=ledger or home.ledger())
    if yes:
        many.forget(found)
    said = "deleted:" if yes else "this would be deleted; to do it, add --yes:"
    STDOUT.print(Text("\n  ".join([said, *found.items]) + f"\n{found.elsewhere}"))
