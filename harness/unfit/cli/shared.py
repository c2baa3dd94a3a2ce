"""What all commands share: the application, the two consoles, the bank, a bar that shows progress."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from unfit.errors import UsageError

if TYPE_CHECKING:
    from unfit.bank import Exercise
    from unfit.records import Record
    from unfit.sandbox import Backend, Environment

__all__ = [
    "STDERR",
    "STDOUT",
    "BankOption",
    "KeyOption",
    "LedgerOption",
    "Lines",
    "SandboxOption",
    "app",
    "bank_or_here",
    "bar",
    "built",
    "counted",
    "near",
    "nearest_bank",
    "own_bank",
    "ready",
    "say",
    "show_json",
    "show_table",
    "whole",
    "with_bank",
    "writable",
]

app = typer.Typer(
    name="unfit",
    help="Broken ML code, planted on purpose, and a judge that cannot be fooled.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
BankOption = Annotated[
    Path | None,
    typer.Option(
        "--bank",
        help="Folder with exercises/ and solutions/; else the nearest upward, else the kit's own.",
    ),
]
LedgerOption = Annotated[Path | None, typer.Option(help="Folder with your key and the list of your exports.")]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="File that says who is who in a cohort; beside its folder without it."),
]
SandboxOption = Annotated[str, typer.Option(help="bubblewrap, or unprotected by your explicit word.")]
SILENCE = 60.0
"""Seconds after which a log without a bar gets a line."""
NO_BANK = "there is no bank in {} or above it"
NAME_ONE = "go into a folder with exercises/ and solutions/, or name one with --bank"
STDOUT = Console(highlight=False, soft_wrap=True)
STDERR = Console(stderr=True, highlight=False, soft_wrap=True)


def say(sentence: str) -> None:
    """Tell whoever watches; nothing that is meant for a file."""
    STDERR.print(Text(sentence))


def show_json(records: Sequence[Record]) -> None:
    """Print records for programs: one list, in the order of the table."""
    STDOUT.out(json.dumps([one.model_dump(mode="json") for one in records], indent=1, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that a narrow terminal wraps cell by cell, and that a file gets whole."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if not STDOUT.is_terminal:
        STDOUT.width = sum(2 + max(cell_len(row[n]) for row in [columns, *rows]) for n in range(len(columns)))
    STDOUT.print(table, soft_wrap=False)


def built(exercise: Exercise) -> Environment:
    """Find what runs a submission, before anything is loaded that takes time."""
    from unfit.environment import find

    return find(exercise.bank, packages=exercise.manifest.environment.packages)


def ready(exercise: Exercise, sandbox: str, out: Path | None) -> tuple[Backend, Environment]:
    """Find what runs and confines a submission, and refuse what stands in the way, before the work begins."""
    from unfit.machine import ensure_may_grade
    from unfit.sandbox import choose

    backend = choose(sandbox)
    place = built(exercise)
    if out is not None:
        writable(out)
    ensure_may_grade(backend, place, exercise.bank, tell=say)
    return backend, place


def writable(out: Path) -> None:
    """Refuse a place that cannot be written before the work, not after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UsageError(
            f"cannot write to {out}: {error.strerror or error}", fix="name another folder with --out"
        ) from None


def bar(*more: ProgressColumn) -> Progress:
    """Make a bar that only shows where somebody is watching."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        *more,
    )
    return Progress(*columns, console=STDERR, transient=True, disable=not STDERR.is_terminal)


class Lines:
    """What a log gets in place of a bar: a line a minute, since silent jobs get killed."""

    def __init__(self, progress: Progress) -> None:
        self._wanted = progress.disable
        self._told = time.monotonic()

    def add(self, line: str) -> None:
        """Say how far it has come, if it is time to."""
        if self._wanted and time.monotonic() - self._told >= SILENCE:
            self._told = time.monotonic()
            say(line)


class Step(Protocol):
    """Told of one piece of work that is done."""

    def __call__(self, now: str, done: int, total: int, left: str, *, line: str) -> None: ...


@contextmanager
def counted(begun: str = "starting", total: int | None = None) -> Iterator[Step]:
    """Show how far some work has come and how long the rest will take, piece by piece."""
    with bar(TextColumn("{task.fields[left]}")) as progress:
        task, lines = progress.add_task(begun, total=total, left=""), Lines(progress)

        def step(now: str, done: int, total: int, left: str, *, line: str) -> None:
            progress.update(task, description=now, completed=done, total=total, left=left)
            lines.add(f"{line} {left}".rstrip())

        yield step


def nearest_bank(given: Path | None) -> Path:
    """Find the bank to read: the one that is named, else the nearest folder upward, else the kit's own."""
    from unfit.bank import bundled

    found = _named_or_upward(given) or bundled()
    if found is None:
        raise UsageError(NO_BANK.format(Path.cwd()), fix=NAME_ONE)
    return found


def own_bank(given: Path | None) -> Path:
    """Find the bank to write to: the one that is named, else the nearest folder upward."""
    found = _named_or_upward(given)
    if found is None:
        raise UsageError(
            f"{NO_BANK.format(Path.cwd())}, and the kit's own is not written to",
            fix=NAME_ONE,
        )
    return found


def bank_or_here(given: Path | None) -> Path:
    """Find where a new exercise belongs: as `own_bank`, but this folder may become a bank."""
    return given or _named_or_upward(None) or Path.cwd()


def _named_or_upward(given: Path | None) -> Path | None:
    from unfit.bank import is_bank

    if given is not None:
        if not given.is_dir():
            raise UsageError(
                f"there is no bank at {given}", fix="name a folder with exercises/ and solutions/"
            )
        return given.resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if is_bank(folder)), None)


def with_bank(text: str, given: Path | None) -> str:
    """Let the commands that a text proposes name the bank that was named."""
    if given is None:
        return text
    option = f" --bank {shlex.quote(str(given))}"
    command = r"\bunfit (?:plant|record|suggest|try|validate) [a-z0-9_]+"
    return re.sub(command, lambda found: f"{found[0]}{option}", text)


def whole(grade: Path) -> Path:
    """Find the record of a grade, of which the folder is as good a name."""
    return grade / "grade.json" if grade.is_dir() else grade


def near(path: Path) -> Path:
    """Write a path as a person in this folder would."""
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path
