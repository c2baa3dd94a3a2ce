"""The command with which interviewers rate a talk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from unfit.cli.shared import (
    STDOUT,
    BankOption,
    KeyOption,
    LedgerOption,
    app,
    near,
    nearest_bank,
    say,
    whole,
)
from unfit.errors import UsageError

if TYPE_CHECKING:
    from unfit.ratings import Sheet
    from unfit.report import Reference


@app.command()
def rate(
    grade: Annotated[Path, typer.Argument(help="The folder of the grade, or its grade.json.")],
    rater: Annotated[str, typer.Option(help="Your name; without it, only say how far it has come.")] = "",
    answers: Annotated[
        Path | None, typer.Option(help="File to fill in; begun for you where it does not exist.")
    ] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write the sheet as a page to print, and stop.")] = None,
    key: KeyOption = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Rate a talk alone, sealed until another has rated it too; then show both side by side."""
    from unfit import cohort as many
    from unfit import home
    from unfit.files import write_atomically
    from unfit.ratings import begin_sheet, hand_in, read_sheet, settle
    from unfit.report import load_grade, render_ratings
    from unfit.report.rating_pages import render_rating_sheet, render_ratings_text
    from unfit.report.share import render_share

    done, folder = load_grade(whole(grade)), whole(grade).parent
    title = f"{done.exercise.title} {done.exercise.version}"
    if sheet is not None:
        write_atomically(sheet, render_rating_sheet(title, rater=rater))
        STDOUT.print(Text(f"page to print: {near(sheet)}"))
        return
    if answers is not None and not rater:
        raise UsageError("whose ratings are these?", fix='say your name: --rater "NAME"')
    if answers is not None and not answers.exists():
        begin_sheet(answers, rater)
        STDOUT.print(Text(f"wrote {near(answers)}\nfill it in, alone; then run the same command"))
        return
    if rater:
        filled = read_sheet(answers, rater=rater) if answers is not None else _asked(rater)
        hand_in(
            folder,
            filled,
            exercise=done.exercise.slug,
            submission=done.submission.digest,
            store=home.ratings(),
        )
        say(f"sealed; {rater} cannot change it any more")
    state = settle(folder, store=home.ratings())
    STDOUT.print(Text(str(state)))
    if state.comparable:
        page = folder / "ratings.html"
        write_atomically(page, render_ratings(done, state.open))
        share = folder / "share.html"
        known = _references(nearest_bank(bank), done.exercise.slug)
        write_atomically(share, render_share(done, references=known, ratings=state.open))
        STDOUT.print(
            Text(f"\n{render_ratings_text(state.open)}\n\npage:   {near(page)}\nshare:  {near(share)}")
        )
        within = many.place_of(folder, ledger=ledger or home.ledger(), key=key)
        if within is not None:
            STDOUT.print(Text(f"cohort: {near(within.follow())}"))


def _asked(rater: str) -> Sheet:
    """Ask the interviewer, who sits at this terminal."""
    from unfit.ratings import sheet_by

    if not sys.stdin.isatty():
        raise UsageError(
            "nobody sits at this terminal", fix="name a file: --answers rating.toml (it is begun for you)"
        )
    return sheet_by(
        rater,
        ask=lambda question: STDOUT.input(Text(f"{question} ")),
        say=lambda told: STDOUT.print(Text(told)),
    )


def _references(bank: Path, slug: str) -> dict[tuple[str, str], Reference]:
    """Find what the fixed and the shipped project gave, where the bank is at hand."""
    from unfit.bank import load_bank
    from unfit.harm import read_harm
    from unfit.report import references

    known = (bank / "solutions" / slug).is_dir()
    return references(read_harm(load_bank(bank).exercise(slug))) if known else {}
