"""Grading a cohort: from a folder of submissions to grades, a table and a page."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unfit.bank import Bank, Exercise, read_tree
from unfit.check_seeds import draw_seed
from unfit.cohort.carried_receipts import Carried, strange_receipts, with_receipts
from unfit.cohort.cohort_page import render_html
from unfit.cohort.cohort_table import CohortRow, frame, read_rows, to_csv, to_parquet
from unfit.cohort.item_analysis import analyse
from unfit.cohort.nothing_new import discard
from unfit.cohort.on_a_cluster import run_on
from unfit.cohort.pseudonyms import Key, ensure_apart, read_key, with_everybody, write_key
from unfit.cohort.rater_agreement import agreements
from unfit.cohort.resuming import settings_of
from unfit.cohort.settings_and_endings import SETTINGS, Settings, folder_of, read_settings
from unfit.cohort.shared_code import find_pairs
from unfit.cohort.side_by_side import CohortProgress, Watcher, locked, run
from unfit.cohort.submission_lists import Kind, handed_in, real, without_forgotten
from unfit.cohort.work import CohortJob, Done, Item
from unfit.errors import Interrupted, UnfitError, UsageError
from unfit.export import carried_by, named_by
from unfit.files import write_atomically
from unfit.forgotten import read_marks
from unfit.pace import Pace
from unfit.register import Cohort, HandIn, note
from unfit.sandbox import Backend, Environment, ensure_works
from unfit.submission import Wanted, take

__all__ = ["Summary", "find_exercise", "grade_cohort", "publish"]


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Parameters
    ----------
    rows : tuple of CohortRow
        All of the cohort.
    kept : int
        Submissions of this run that were graded before.
    worked : int
        Those that were not.
    processor_seconds, wall_seconds : float
        What these cost.
    told : tuple of str
        What was left out and why, what your word on matches changed, and what has to be found out about the people.
    read_again : int
        Submissions whose matches you have overruled since the last run.
    """

    rows: tuple[CohortRow, ...]
    kept: int
    worked: int
    processor_seconds: float
    wall_seconds: float
    told: tuple[str, ...] = ()
    read_again: int = 0

    def count(self, outcome: str) -> int:
        """Count how many ended so."""
        return sum(row.ending.outcome == outcome for row in self.rows)

    @property
    def unchanged(self) -> str:
        """Say what a run says that finds nothing new."""
        return f"{self._whole}; nothing was new"

    @property
    def _whole(self) -> str:
        counts = ", ".join(
            f"{self.count(name)} {said}"
            for name, said in (
                ("graded", "graded"),
                ("refused", "refused"),
                ("failed", "not graded by a fault of ours"),
            )
        )
        return f"{len(self.rows)} submissions: {counts}"

    def __str__(self) -> str:
        """Say it in two sentences."""
        if not self.worked and self.read_again:
            return f"{self._whole}; your word on matches stands in {self.read_again}, and no experiment ran again"
        if not self.worked:
            return self.unchanged
        each = self.processor_seconds / self.worked
        return (
            f"{self._whole}; {self.kept} were graded before\n"
            f"{each:.2f} processor seconds a submission, {self.worked} in {self.wall_seconds:.0f} s"
        )


def grade_cohort(
    exercise: Exercise,
    source: Path,
    out: Path,
    *,
    backend: Backend | None,
    environment: Environment | None,
    ledger: Path,
    key: Path,
    kind: Kind = "person",
    seed: int | None = None,
    kernel: bool = False,
    review_only: bool = False,
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
        See `unfit.judge.grade`.
    ledger : Path
        The interviewer's folder.
    key : Path
        Where it is written who is who; not below `out`.
    kind : {"person", "simulated"}
        Who wrote the submissions, where a list does not say.
    seed : int, optional
        Of all grades; without it the cohort's own, drawn the first time.
    review_only : bool, default=False
        Whether only reviews were asked for: nothing is run, and no backend or environment is needed.
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
    if backend is not None and not cluster:
        ensure_works(backend)
    with locked(out):
        roll = without_forgotten(
            handed_in(source, kind=kind, marks=(marks := read_marks(ledger))), marks, out=out
        )
        discard(out)
        settings = _settings(
            exercise,
            out,
            backend=backend,
            environment=environment,
            seed=seed,
            kernel=kernel,
            review_only=review_only,
        )
        whole, people = with_everybody(
            read_key(key), roll.handed, receipt_in=lambda path: _receipt_in(path, ledger)
        )
        write_key(key, whole)
        write_atomically(out / SETTINGS, settings.model_dump_json(indent=1) + "\n")
        items = [Item.of(person) for person in people]
        random.SystemRandom().shuffle(items)  # the times of the folders say nothing of the order of the names
        job = CohortJob(exercise, settings, backend, environment, ledger, out)
        count = _Count(Pace(len(items)), watch)
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
            whole = with_receipts(whole, count.carried, ledger)
            write_key(key, whole)
            here = Cohort(out=str(out.resolve()), key=str(key.resolve()))
            note(ledger, _hand_ins(whole, count.carried, settings, out=out), cohort=here)
        spent = time.monotonic() - started
        rows = publish(out, whole, settings)
    told = (*roll.told, *count.changes, *strange_receipts(whole, ledger))
    return Summary(
        rows,
        count.pace.count - count.pace.fresh,
        count.pace.fresh,
        count.processor,
        spent,
        told,
        count.read_again,
    )


def _receipt_in(path: Path, ledger: Path) -> str:
    """Read the number of the receipt that a submission carries; empty where it carries none that is known."""
    with tempfile.TemporaryDirectory(prefix="unfit-cohort-") as scratch:
        try:
            entry = carried_by(read_tree(take(path, Path(scratch) / "clean", wanted=Wanted()).root), ledger)
        except UnfitError:
            return ""
    return "" if entry is None else entry.nonce


def find_exercise(bank: Bank, source: Path) -> Exercise:
    """Find out from the receipts which exercise a folder of submissions is of.

    Raises
    ------
    UsageError
        If no submission has a receipt, or it is of no exercise of the bank.
    """
    for one in handed_in(source).handed:
        with tempfile.TemporaryDirectory(prefix="unfit-cohort-") as scratch:
            try:
                taken = take(one.path, Path(scratch) / "clean", wanted=Wanted())
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

    def __init__(self, pace: Pace, watch: Watcher | None) -> None:
        self.pace = pace
        self.watch = watch
        self.carried: dict[str, Carried | None] = {}
        self.processor = 0.0
        self.read_again = 0
        self.changes: list[str] = []

    def take(self, done: Done) -> None:
        """Count one submission."""
        self.carried[done.ending.pseudonym] = done.carried
        if not done.kept:
            self.processor += done.ending.processor_seconds
        self.read_again += done.read_again
        self.changes += [f"{done.ending.pseudonym}: {said}" for said in done.changes]
        self.pace.add(kept=done.kept)
        if self.watch:
            self.watch(CohortProgress(done, self.pace.count, self.pace.total, self.pace.left))


def publish(out: Path, key: Key, settings: Settings) -> tuple[CohortRow, ...]:
    """Write the table and the page of what has ended: ``cohort.csv``, ``cohort.parquet``, ``cohort.html``."""
    rows = read_rows(out, key, settings)
    table = frame(rows)
    write_atomically(out / "cohort.csv", to_csv(table))
    write_atomically(out / "cohort.parquet", to_parquet(table))
    page = render_html(
        settings,
        rows,
        figures=analyse(rows, settings.defects),
        pairs=find_pairs(
            {row.ending.pseudonym: folder_of(out, row.ending.pseudonym) for row in rows if row.cells}
        ),
        agreements=agreements(folder_of(out, row.ending.pseudonym) for row in rows),
    )
    write_atomically(out / "cohort.html", page)
    return rows


def _settings(
    exercise: Exercise,
    out: Path,
    *,
    backend: Backend | None,
    environment: Environment | None,
    seed: int | None,
    kernel: bool,
    review_only: bool,
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
        review_only=review_only,
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


def _hand_ins(
    key: Key, carried: Mapping[str, Carried | None], settings: Settings, *, out: Path
) -> Iterator[HandIn]:
    now = dt.datetime.now(dt.UTC)
    for person in key.people:
        found = carried.get(person.pseudonym)
        if found is not None:
            yield HandIn(
                nonce=found.nonce,
                exercise=settings.exercise,
                proven=found.proven,
                submission=real(person.path),
                content=person.content,
                grade=str(folder_of(out, person.pseudonym).resolve()),
                cohort=str(out.resolve()),
                pseudonym=person.pseudonym,
                seen=now,
            )
