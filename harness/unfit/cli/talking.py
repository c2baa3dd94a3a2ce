"""Commands around the talk: overrule a match, hand feedback over, share a sheet."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from unfit.cli.shared import STDOUT, BankOption, KeyOption, LedgerOption, app, near, nearest_bank, whole
from unfit.errors import UsageError

GradeArgument = Annotated[Path, typer.Argument(help="The folder of the grade, or its grade.json.")]


@app.command()
def overrule(
    grade: GradeArgument,
    submission: Annotated[
        Path | None, typer.Argument(help="What was graded, unchanged; a cohort knows it.")
    ] = None,
    overrules: Annotated[
        Path | None,
        typer.Option(help="Your word on matches; else overrules.toml beside the grade, begun for you."),
    ] = None,
    key: KeyOption = None,
    ledger: LedgerOption = None,
    bank: BankOption = None,
) -> None:
    """Let your word stand over a match, without an experiment run again; a cohort's page follows."""
    from unfit import cohort as many
    from unfit import home
    from unfit.bank import load_bank
    from unfit.files import write_atomically
    from unfit.judge import judge_again, reports
    from unfit.receiving import receive
    from unfit.report import OVERRULES, Added, changes, load_grade, write_reports
    from unfit.review import given_before, sheet

    before, folder = load_grade(whole(grade)), whole(grade).parent
    place = overrules or folder / OVERRULES
    exports = ledger or home.ledger()
    within = many.place_of(folder, ledger=exports, key=key)
    if within is not None and place.resolve() != (folder / OVERRULES).resolve():
        raise UsageError(
            f"{folder}: lies in a cohort, which reads {OVERRULES} there and no other file",
            fix=f"move yours to {near(folder / OVERRULES)}",
        )
    if not place.exists():
        write_atomically(place, sheet(before.findings, today=datetime.now().astimezone().date()))
        STDOUT.print(Text(f"{near(place)} is begun: fill it in, then run the same command again"))
        return
    source = submission or (within.submission if within else None)
    given = given_before(folder)
    if source is None and not (before.review_only and given.exported.remarks):
        raise UsageError(
            f"{folder}: what was graded there is not known",
            fix=f"name it: unfit overrule {near(folder)} SUBMISSION",
        )
    chosen = load_bank(nearest_bank(bank)).exercise(before.exercise.slug)
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        received = receive(
            chosen,
            source,
            Path(scratch) / "clean",
            ledger=exports,
            given=given,
            review_only=before.review_only,
        )
        after = judge_again(received, before, overrules=place)
        write_reports(reports(received, after, added=Added.of(folder)), folder)
    for sentence in changes(before, after) or ["nothing changed: the matches were so already"]:
        STDOUT.print(Text(sentence))
    STDOUT.print(Text(f"\nreport: {near(folder / 'report.html')}"))
    if within is not None:
        STDOUT.print(Text(f"cohort: {near(within.follow())}"))


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
    from unfit.report import AFTER_THE_TALK, load_grade, render_feedback

    name = AFTER_THE_TALK if after_the_talk else "feedback.html"
    page = out or whole(grade).parent / name
    write_atomically(page, render_feedback(load_grade(whole(grade)), after_the_talk=after_the_talk))
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

    done, folder = load_grade(whole(grade)), whole(grade).parent
    page = out or folder / "share.html"
    known = references(read_harm(load_bank(nearest_bank(bank)).exercise(done.exercise.slug)))
    state = settle(folder, store=home.ratings())
    ratings = state.open if state.comparable else ()
    write_atomically(page, render_share(done, references=known, ratings=ratings))
    if not ratings:
        STDOUT.print(Text("without ratings: two are needed, and `unfit rate` takes them"))
    STDOUT.print(Text(f"page: {near(page)}"))
