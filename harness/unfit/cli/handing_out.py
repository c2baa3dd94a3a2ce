"""The command that hands an exercise out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from unfit.cli.shared import STDOUT, BankOption, LedgerOption, app, near, nearest_bank


class Assistants(StrEnum):
    """What a candidate may use."""

    ALLOWED = "allowed"
    NONE = "none"


class Format(StrEnum):
    """What an export becomes."""

    DIR = "dir"
    GIT = "git"
    ZIP = "zip"


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
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Make a candidate's repository, and enter it into your ledger."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.export import export as write_export

    receipt = write_export(
        load_bank(nearest_bank(bank)).exercise(exercise),
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
    STDOUT.print(Text(f"exported {exercise}, form {receipt.form}, to {near(to)}\nreceipt {receipt.nonce}"))
