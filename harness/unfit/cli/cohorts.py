"""Commands that look at many submissions, and at whose they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from unfit.cli.engines import EngineOption, moved
from unfit.cli.shared import (
    STDOUT,
    BankOption,
    LedgerOption,
    SandboxOption,
    app,
    counted,
    nearest_bank,
    ready,
    say,
)
from unfit.errors import UsageError

if TYPE_CHECKING:
    from unfit.cohort import CohortProgress
    from unfit.cohort.submission_lists import Kind

NameArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="", help="A name, a pseudonym, a receipt's number, a submission or a grade's folder."
    ),
]


@app.command()
def cohort(
    context: typer.Context,
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
    sandbox: SandboxOption = "bubblewrap",
    kernel: Annotated[bool, typer.Option("--kernel", help="Run notebooks in a real kernel; slower.")] = False,
    review_only: Annotated[
        bool,
        typer.Option(
            "--review-only", help="Only reviews were asked for: run nothing, call nothing mended or not."
        ),
    ] = False,
    ledger: LedgerOption = None,
    bank: BankOption = None,
    engine: EngineOption = None,  # noqa: ARG001 - read from the context
) -> None:
    """Grade many submissions of one exercise, and show them in one table."""
    from unfit import cohort as many
    from unfit import home
    from unfit.bank import load_bank

    if cluster is None and not review_only:
        moved(context)
    opened = load_bank(nearest_bank(bank))
    who, place_of_exports = key or many.key_of(out), ledger or home.ledger()
    kind: Kind = "simulated" if simulated else "person"
    asked = many.Asked(
        opened, exercise, submissions, out, who, place_of_exports, kind, seed, kernel, sandbox, review_only
    )
    standing = many.stands(asked)
    if standing is not None:
        _tell(standing.told, standing.said, out, who)
        return
    chosen = opened.exercise(exercise) if exercise else many.find_exercise(opened, submissions)
    backend, place = (None, None) if review_only else ready(chosen, sandbox, out)
    with _submissions() as watch:
        done = many.grade_cohort(
            chosen,
            submissions,
            out,
            backend=backend,
            environment=place,
            ledger=place_of_exports,
            key=who,
            kind=kind,
            seed=seed,
            kernel=kernel,
            review_only=review_only,
            workers=workers,
            cluster=cluster,
            watch=watch,
        )
    many.keep(asked, done.unchanged)
    _tell(done.told, str(done), out, who)


def _tell(told: Sequence[str], said: str, out: Path, who: Path) -> None:
    for sentence in told:
        say(sentence)
    STDOUT.print(Text(f"{said}\n\npage:  {out / 'cohort.html'}\ntable: {out / 'cohort.csv'}\nkey:   {who}"))


@contextmanager
def _submissions() -> Iterator[Callable[[CohortProgress], None]]:
    """Show how far a cohort has come and how long it will take."""
    with counted() as step:

        def watch(at: CohortProgress) -> None:
            now = f"{at.done.ending.pseudonym} {at.done.ending.outcome}"
            step(now, at.count, at.total, at.left, line=f"{at.count} of {at.total}")

        yield watch


@app.command()
def who(
    cohort_or_name: Annotated[
        str,
        typer.Argument(
            metavar="[COHORT] NAME", help="The cohort's folder, where somebody of one cohort is meant."
        ),
    ],
    name: NameArgument = None,
    key: Annotated[
        Path | None, typer.Option(help="File that says who is who; beside the folder without it.")
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Say who a pseudonym or a receipt stands for, and all that there is of somebody."""
    from unfit import cohort as many
    from unfit import home

    if name is None:
        STDOUT.print(Text(str(many.find(ledger or home.ledger(), cohort_or_name))))
        return
    path = key or many.key_of(Path(cohort_or_name))
    STDOUT.print(Text(str(many.find_person(many.read_key(path), name, path=path))))


@app.command()
def forget(
    cohort_or_name: Annotated[
        str,
        typer.Argument(
            metavar="[COHORT] NAME", help="The cohort's folder, where only that cohort is to forget."
        ),
    ],
    name: NameArgument = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be.")] = False,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let somebody of this name back in who was forgotten.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="File that says who is who; beside the folder without it.")
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Delete everything that there is of one person: submissions, grades, ratings, exports, every entry."""
    from unfit import cohort as many
    from unfit import home

    place = ledger or home.ledger()
    if lift:
        _lift(place, name or cohort_or_name)
        return
    found: many.Forgetting | many.Everywhere
    if name is None:
        found = many.plan_everywhere(many.find(place, cohort_or_name))
        if yes:
            many.forget_everywhere(found)
    else:
        cohort = Path(cohort_or_name)
        found = many.plan_to_forget(cohort, name, key=key or many.key_of(cohort), ledger=place)
        if yes:
            many.forget(found)
    said = "deleted:" if yes else "this would be deleted; to do it, add --yes:"
    STDOUT.print(Text("\n  ".join([said, *found.items])))
    STDOUT.print(Text("\n  ".join(["not deleted; do it yourself:", *found.elsewhere])))


def _lift(ledger: Path, name: str) -> None:
    from unfit import forgotten

    if not forgotten.lift(ledger, name):
        raise UsageError(
            f"{ledger}: nobody of the name `{name}` was forgotten", fix="look how it was written"
        )
    STDOUT.print(Text(f"{name} may be handed out to and graded again"))
