"""Commands that hand exercises out, and say who has what."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from unfit.cli.shared import (
    STDOUT,
    BankOption,
    LedgerOption,
    app,
    near,
    nearest_bank,
    say,
    show_json,
    show_table,
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


class Kind(StrEnum):
    """What an exercise is handed out as."""

    PROJECT = "project"
    PULL_REQUEST = "pull-request"


TemplatesOption = Annotated[
    Path | None, typer.Option(help="Folder with your own messages; else the bank's messages/.")
]
KindOption = Annotated[
    Kind, typer.Option("--as", help="The whole project, or a repository with its last change as a branch.")
]


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
    kind: KindOption = Kind.PROJECT,
    format: Annotated[  # noqa: A002 - the option's name
        Format | None, typer.Option(help="What to make: dir; git for a pull request.", show_default=False)
    ] = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Make a candidate's repository, and enter it into your ledger."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.export import export as write_export
    from unfit.invite import refuse_forgotten_name
    from unfit.likeness import is_published
    from unfit.report.words import PUBLISHED

    refuse_forgotten_name(ledger or home.ledger(), candidate)
    chosen = load_bank(nearest_bank(bank)).exercise(exercise)
    receipt = write_export(
        chosen,
        to,
        ledger=ledger or home.ledger(),
        candidate=candidate,
        form=form,
        defects=defects.split(",") if defects is not None else None,
        seed=seed,
        minutes=minutes,
        assistants=assistants.value,
        pull_request=kind is Kind.PULL_REQUEST,
        format=format.value if format else None,
    )
    STDOUT.print(Text(f"exported {exercise}, form {receipt.form}, to {near(to)}\nreceipt {receipt.called}"))
    if is_published(chosen):
        STDOUT.print(Text(f"{PUBLISHED} Use it for practice; to hire with, use one of your own."))


@app.command(name="list")
def list_exercises(
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    bank: BankOption = None,
) -> None:
    """List the exercises of a bank: level, tier, minutes, forms, published or not."""
    from unfit.bank import load_bank
    from unfit.bank.catalogue import catalogue
    from unfit.likeness import is_published

    found = catalogue(load_bank(nearest_bank(bank)), is_published=is_published)
    if json:
        show_json(found)
        return
    show_table(
        ["exercise", "level", "tier", "minutes", "answers", "pull request", "forms", "title"],
        [
            [
                one.exercise,
                one.level,
                one.tier,
                str(one.minutes),
                "published" if one.published else "private",
                "yes" if one.pull_request else "",
                one.forms_said,
                one.title + (" (on purpose only)" if one.opt_in else ""),
            ]
            for one in found
        ],
    )


@app.command(name="ledger")
def show_ledger(
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    ledger: LedgerOption = None,
) -> None:
    """List who has which exercise since when, and whether it was handed in."""
    from unfit import home
    from unfit.export import called
    from unfit.invite.overview import handed_out

    found = handed_out(ledger or home.ledger())
    if json:
        show_json(found)
        return
    if not found:
        say("nothing was handed out with this ledger")
        return
    show_table(
        ["candidate", "exercise", "form", "receipt", "handed out", "until", "state"],
        [
            [
                one.candidate or "(no name)",
                one.exercise,
                one.form,
                called(one.receipt),
                f"{one.handed_out:%Y-%m-%d}" if one.handed_out else "",
                str(one.until or ""),
                one.state,
            ]
            for one in found
        ],
    )


DAY = ["%Y-%m-%d"]


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


@app.command()
def invite(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    candidate: Annotated[list[str], typer.Option(help="Whom it is for; may be repeated.")],
    to: Annotated[
        Path, typer.Option(help="Folder in which each candidate gets one with export and message.")
    ] = Path("invitations"),
    until: Annotated[
        datetime | None, typer.Option(help="The day until which you ask for it.", formats=DAY)
    ] = None,
    contact: Annotated[str, typer.Option(help="Whom to ask: a name and an address.")] = "",
    sender: Annotated[str, typer.Option(help="Who signs.")] = "",
    keep: Annotated[str, typer.Option(help="Until when you keep everything.")] = "",
    accommodations: Annotated[str, typer.Option(help="What was agreed with the candidate.")] = "",
    minutes: Annotated[int | None, typer.Option(help="Other than the exercise's own.", min=5)] = None,
    assistants: Annotated[Assistants, typer.Option(help="The policy on assistants.")] = Assistants.ALLOWED,
    form: Annotated[str | None, typer.Option(help="A form of the exercise.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw the shipped data anew.", min=0)] = None,
    kind: KindOption = Kind.PROJECT,
    templates: TemplatesOption = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Export an exercise for candidates, and write the message that goes with it."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.export import called
    from unfit.invite import Agreed
    from unfit.invite import invite as write_invitation

    chosen = load_bank(nearest_bank(bank)).exercise(exercise)
    terms = Agreed(
        minutes=minutes,
        until=_day(until),
        contact=contact,
        assistants=assistants.value,
        accommodations=accommodations,
        keep=keep,
        sender=sender,
    )
    for name in candidate:
        done = write_invitation(
            chosen,
            name,
            to,
            ledger=ledger or home.ledger(),
            terms=terms,
            form=form,
            seed=seed,
            pull_request=kind is Kind.PULL_REQUEST,
            templates=templates,
        )
        STDOUT.print(Text(f"{name}: receipt {called(done.receipt)}\n  message: {near(done.message)}"))
        STDOUT.print(Text(f"  attach:  {near(done.export)}"))
        if done.open:
            STDOUT.print(Text(f"  fill in: {', '.join(done.open)}"))


class Message(StrEnum):
    """What is written to a candidate after the invitation."""

    REMINDER = "reminder"
    ANSWER = "answer"
    REFUSAL = "refusal"


@app.command()
def message(
    kind: Annotated[Message, typer.Argument(help="What to write.")],
    candidate: Annotated[str, typer.Argument(help="Whom to write to, as your ledger has the name.")],
    exercise: Annotated[str | None, typer.Option(help="Which one, where they have several.")] = None,
    grade: Annotated[
        Path | None, typer.Option(help="Folder of the grade; what your ledger knows without it.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="A new day.", formats=DAY)] = None,
    contact: Annotated[str, typer.Option(help="Whom to ask; that of the invitation without it.")] = "",
    sender: Annotated[str, typer.Option(help="Who signs; that of the invitation without it.")] = "",
    keep: Annotated[str, typer.Option(help="Until when you keep everything.")] = "",
    templates: TemplatesOption = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Print a reminder, an answer or a refusal, ready to be edited."""
    from unfit import home
    from unfit.invite import Agreed, write_message

    done = write_message(
        kind.value,
        candidate,
        bank=nearest_bank(bank),
        ledger=ledger or home.ledger(),
        exercise=exercise,
        grade=grade,
        terms=Agreed(until=_day(until), contact=contact, keep=keep, sender=sender),
        templates=templates,
    )
    STDOUT.print(Text(done.text), end="")
    if done.attach is not None:
        say(f"attach: {near(done.attach)}")
    if done.open:
        say(f"fill in: {', '.join(done.open)}")
