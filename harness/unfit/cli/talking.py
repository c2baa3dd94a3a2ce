"""Commands around the talk: overrule a match, hand feedback over, share a sheet."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from unfit.cli.shared import STDOUT, BankOption, LedgerOption, app, near, nearest_bank

GradeArgument = Annotated[Path, typer.Argument(help="The grade.json of the submission.")]
OVERRULES = "overrules.toml"


@app.command()
def overrule(
    grade: GradeArgument,
    submission: Annotated[Path, typer.Argument(help="What was graded, unchanged.")],
    overrules: Annotated[
        Path | None,
        typer.Option(help="Your word on matches; else overrules.toml beside the grade, begun for you."),
    ] = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Let your word stand over a match, without an experiment run again."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.judge import judge_again, receive, reports
    from unfit.report import changes, load_grade, write_reports
    from unfit.review import sheet

    before = load_grade(grade)
    place = overrules or grade.parent / OVERRULES
    if not place.exists():
        write_atomically(place, sheet(before.findings, today=datetime.now().astimezone().date()))
        STDOUT.print(Text(f"{near(place)} is begun: fill it in, then run the same command again"))
        return
    chosen = load_bank(nearest_bank(bank)).exercise(before.exercise.slug)
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        received = receive(chosen, submission, Path(scratch) / "clean", ledger=ledger or home.ledger())
        after = judge_again(chosen, received, before, overrules=place)
        write_reports(reports(chosen, received, after), grade.parent)
    for sentence in changes(before, after) or ["nothing changed: the matches were so already"]:
        STDOUT.print(Text(sentence))
    STDOUT.print(Text(f"\nreport: {near(grade.parent / 'report.html')}"))


@app.command()
def feedback(
    grade: GradeArgument,
    after_the_talk: Annotated[
        bool, typer.Option("--after-the-talk", help="Trial by trial, as the answer key that it is.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="The page; else a file beside the grade.")] = None,
) -> None:
    """Write the page that a candidate may see: in general words, or trial by trial once the talk is over."""
    from unfit.files import write_atomically
    from unfit.report import load_grade, render_feedback

    name = "feedback-after-the-talk.html" if after_the_talk else "feedback.html"
    page = out or grade.parent / name
    write_atomically(page, render_feedback(load_grade(grade), after_the_talk=after_the_talk))
    STDOUT.print(Text(f"page: {near(page)}"))


@app.command()
def share(
    grade: GradeArgument,
    out: Annotated[Path | None, typer.Option(help="The page; else share.html beside the grade.")] = None,
    bank: BankOption = None,
) -> None:
    """Write one sheet for colleagues who did not meet the candidate."""
    from unfit import home
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.harm import read_harm
    from unfit.ratings import settle
    from unfit.report import load_grade, references, render_share

    done = load_grade(grade)
    page = out or grade.parent / "share.html"
    known = references(read_harm(load_bank(nearest_bank(bank)).exercise(done.exercise.slug)))
    state = settle(grade.parent, store=home.ratings())
    ratings = state.open if state.comparable else ()
    write_atomically(page, render_share(done, references=known, ratings=ratings))
    if not ratings:
        STDOUT.print(Text("without ratings: two are needed, and `unfit rate` takes them"))
    STDOUT.print(Text(f"page: {near(page)}"))
