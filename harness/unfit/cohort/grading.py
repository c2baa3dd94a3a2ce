"""Grading a cohort: from a folder of submissions to grades, a table and a page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unfit.bank import Bank, Exercise, read_tree
from unfit.cohort.cluster import run_on
from unfit.cohort.items import analyse
from unfit.cohort.key import Key, Kind, ensure_apart, handed_in, read_key, with_everybody, write_key
from unfit.cohort.page import render_html
from unfit.cohort.pairs import find_pairs
from unfit.cohort.ratings import RATINGS, agreements
from unfit.cohort.records import Settings
from unfit.cohort.running import Pace, Watcher, locked, run
from unfit.cohort.table import Row, frame, read_rows, to_csv, to_parquet
from unfit.cohort.work import Done, Item, Job, folder_of, settings_of
from unfit.errors import Interrupted, UnfitError, UsageError
from unfit.export import Receipt, named_by
from unfit.files import write_atomically
from unfit.grade import draw_seed
from unfit.sandbox import Backend, Environment, ensure_works
from unfit.submission import take

__all__ = ["Summary", "find_exercise", "grade_cohort", "publish", "read_settings"]

SETTINGS = "cohort.json"


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Parameters
    ----------
    rows : tuple of Row
        All of the cohort.
    kept : int
        Submissions of this run that were graded before.
    worked : int
        Those that were not.
    processor_seconds, wall_seconds : float
        What these cost.
    """

    rows: tuple[Row, ...]
    kept: int
    worked: int
    processor_seconds: float
    wall_seconds: float

    def count(self, outcome: str) -> int:
        """Count how many ended so."""
        return sum(row.ending.outcome == outcome for row in self.rows)

    def __str__(self) -> str:
        """Say it in two sentences."""
        counts = ", ".join(
            f"{self.count(name)} {said}"
            for name, said in (
                ("graded", "graded"),
                ("refused", "refused"),
                ("failed", "not graded by a fault of ours"),
            )
        )
        whole = f"{len(self.rows)} submissions: {counts}"
        if not self.worked:
            return f"{whole}; nothing was new"
        each = self.processor_seconds / self.worked
        return (
            f"{whole}; {self.kept} were graded before\n"
            f"{each:.2f} processor seconds a submission, {self.worked} in {self.wall_seconds:.0f} s"
        )


def grade_cohort(
    exercise: Exercise,
    source: Path,
    out: Path,
    *,
    backend: Backend,
    environment: Environment,
    ledger: Path,
    key: Path,
    kind: Kind = "person",
    seed: int | None = None,
    kernel: bool = False,
    workers: int = 2,
    cluster: str | None = None,
    watch: Watcher | None = None,
) -> Summary:
    """Grade every submission of a folder or list, and show them together.

    Parameters
    ----------
    exercise : Exercise
    source : Path
        See `unfit.cohort.handed_in`.
    out : Path
        The cohort's folder.
    backend, environment, kernel
        See `unfit.grade.grade`.
    ledger : Path
        The interviewer's folder.
    key : Path
        Where it is written who is who; not below `out`.
    kind : {"person", "simulated"}
        Who wrote the submissions, where a list does not say.
    seed : int, optional
        Of all grades; without it the cohort's own, drawn the first time.
    workers : int, default=2
        Processes side by side.
    cluster : str, optional
        Address of a Dask scheduler; its workers grade then, and none here.
    watch : callable, optional
        Told of each submission that ended.

    Raises
    ------
    UsageError
        If there is nothing to grade, or the folder holds grades of another exercise or version.
    Interrupted
        At Ctrl-C; what is graded stays.
    """
    ensure_apart(key, out)
    if not cluster:
        ensure_works(backend)
    with locked(out):
        handed = handed_in(source, kind=kind)
        settings = _settings(
            exercise, out, backend=backend, environment=environment, seed=seed, kernel=kernel
        )
        whole = with_everybody(read_key(key), handed)
        write_key(key, whole)
        write_atomically(out / SETTINGS, settings.model_dump_json(indent=1) + "\n")
        wanted = {Path(one.folder, one.submission) for one in handed}
        items = [Item.of(person) for person in whole.people if person.path in wanted]
        job = Job(exercise, settings, backend, environment, ledger, out)
        count = _Count(Pace(len(items), watch))
        started = time.monotonic()
        try:
            if cluster:
                run_on(cluster, job, items, take=count.take)
            else:
                run(job, items, workers=workers, take=count.take)
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted: {count.pace.count} of {len(items)} submissions have ended, and what is graded stays",
                fix="run the same command again; it goes on from there",
            ) from None
        finally:
            whole = _with_receipts(whole, count.receipts)
            write_key(key, whole)
        spent = time.monotonic() - started
        rows = publish(out, whole, settings)
    return Summary(rows, count.pace.count - count.pace.fresh, count.pace.fresh, count.processor, spent)


def find_exercise(bank: Bank, source: Path) -> Exercise:
    """Find out from the receipts which exercise a folder of submissions is of.

    Raises
    ------
    UsageError
        If no submission has a receipt, or it is of no exercise of the bank.
    """
    for one in handed_in(source):
        with tempfile.TemporaryDirectory(prefix="unfit-cohort-") as scratch:
            try:
                taken = take(Path(one.folder, one.submission), Path(scratch) / "clean")
            except UnfitError:
                continue
            name = named_by(read_tree(taken.root))
        if name:
            return bank.exercise(name)
    raise UsageError(
        f"{source}: no submission has a receipt that says of which exercise it is",
        fix="name it: --exercise NAME (make grade EXERCISE=NAME SUBMISSIONS=DIR OUT=DIR)",
    )


class _Count:
    """What came of the work so far."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.receipts: dict[str, Receipt] = {}
        self.processor = 0.0

    def take(self, done: Done) -> None:
        """Count one submission."""
        if done.receipt is not None and done.receipt.verified:
            self.receipts[done.ending.pseudonym] = done.receipt
        if not done.kept:
            self.processor += done.ending.processor_seconds
        self.pace.take(done)


def publish(out: Path, key: Key, settings: Settings) -> tuple[Row, ...]:
    """Write the table and the page of what has ended: ``cohort.csv``, ``cohort.parquet``, ``cohort.html``."""
    rows = read_rows(out, key, settings)
    table = frame(rows)
    write_atomically(out / "cohort.csv", to_csv(table))
    write_atomically(out / "cohort.parquet", to_parquet(table))
    names = [row.ending.pseudonym for row in rows]
    page = render_html(
        settings,
        rows,
        figures=analyse(rows, settings.defects),
        pairs=find_pairs(
            {row.ending.pseudonym: folder_of(out, row.ending.pseudonym) for row in rows if row.cells}
        ),
        agreements=agreements(out / RATINGS, names),
    )
    write_atomically(out / "cohort.html", page)
    return rows


def read_settings(out: Path) -> Settings | None:
    """Read what the grades of a cohort share; None where there is no cohort."""
    path = out / SETTINGS
    if not path.is_file():
        return None
    try:
        return Settings.model_validate_json(path.read_bytes())
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise UnfitError(
            f"{path}: is no record of a cohort: {reason}", fix="restore it, or name another folder with --out"
        ) from None


def _settings(
    exercise: Exercise,
    out: Path,
    *,
    backend: Backend,
    environment: Environment,
    seed: int | None,
    kernel: bool,
) -> Settings:
    """Gather the settings; the seed of an earlier run goes on, and another exercise or version is refused."""
    before = read_settings(out)
    if before is not None and seed is None:
        seed = before.seed
    now = settings_of(
        exercise,
        backend=backend,
        environment=environment,
        seed=draw_seed() if seed is None else seed,
        kernel=kernel,
    )
    if before is not None:
        _refuse_mixing(out, before, now)
    return now


def _refuse_mixing(out: Path, before: Settings, now: Settings) -> None:
    facts = [(one.exercise, one.version, one.digest) for one in (before, now)]
    if facts[0] == facts[1]:
        return
    changed = "" if facts[0][:2] != facts[1][:2] else ", whose solution has changed since"
    raise UnfitError(
        f"{out}: holds grades of {before.exercise} {before.version}{changed}; "
        f"they are not mixed with grades of {now.exercise} {now.version}",
        fix="name another folder with --out",
    )


def _with_receipts(key: Key, receipts: Mapping[str, Receipt]) -> Key:
    """Enter what the ledger says of each: whose it is."""
    people = []
    for person in key.people:
        receipt = receipts.get(person.pseudonym)
        if receipt is not None:
            name = person.candidate or receipt.candidate
            person = person.model_copy(update={"receipt": receipt.nonce, "candidate": name})  # noqa: PLW2901
        people.append(person)
    return key.model_copy(update={"people": tuple(people)})
