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
from unfit.cohort.cluster import run_on
from unfit.cohort.fingerprint import fingerprint
from unfit.cohort.items import analyse
from unfit.cohort.key import Key, Person, ensure_apart, read_key, with_everybody, write_key
from unfit.cohort.lists import Handed, Kind, Roll, handed_in, real
from unfit.cohort.page import render_html
from unfit.cohort.pairs import find_pairs
from unfit.cohort.ratings import agreements
from unfit.cohort.records import Settings
from unfit.cohort.running import Pace, Watcher, locked, run
from unfit.cohort.table import Row, frame, read_rows, to_csv, to_parquet
from unfit.cohort.work import Carried, Done, Item, Job, folder_of, settings_of
from unfit.errors import Interrupted, UnfitError, UsageError
from unfit.export import carried_by, entries, named_by
from unfit.files import write_atomically
from unfit.forgotten import Marks, folded, read_marks
from unfit.grade import draw_seed
from unfit.register import Cohort, HandIn, note
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
    told : tuple of str
        What was left out and why, and what has to be found out about the people.
    """

    rows: tuple[Row, ...]
    kept: int
    worked: int
    processor_seconds: float
    wall_seconds: float
    told: tuple[str, ...] = ()

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
        roll = _without_forgotten(handed_in(source, kind=kind, marks=(marks := read_marks(ledger))), marks)
        settings = _settings(
            exercise, out, backend=backend, environment=environment, seed=seed, kernel=kernel
        )
        whole, people = with_everybody(
            read_key(key), roll.handed, receipt_in=lambda path: _receipt_in(path, ledger)
        )
        write_key(key, whole)
        write_atomically(out / SETTINGS, settings.model_dump_json(indent=1) + "\n")
        items = [Item.of(person) for person in people]
        random.SystemRandom().shuffle(items)  # the times of the folders say nothing of the order of the names
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
            whole = _with_receipts(whole, count.carried, ledger)
            write_key(key, whole)
            here = Cohort(out=str(out.resolve()), key=str(key.resolve()))
            note(ledger, _hand_ins(whole, count.carried, settings, out=out), cohort=here)
        spent = time.monotonic() - started
        rows = publish(out, whole, settings)
    told = (*roll.left_out, *_strange_receipts(whole, ledger))
    return Summary(rows, count.pace.count - count.pace.fresh, count.pace.fresh, count.processor, spent, told)


def _without_forgotten(roll: Roll, marks: Marks) -> Roll:
    """Leave out what lies there of people who were forgotten."""
    if not marks.marks:
        return roll
    kept: list[Handed] = []
    left_out = list(roll.left_out)
    for one in roll.handed:
        when = marks.when(("content", fingerprint(one.path)), ("name", one.candidate))
        if when is None:
            kept.append(one)
        else:
            left_out.append(
                f"{one.submission}: is of somebody who was forgotten on {when}; left out. Delete it, "
                "and take it out of your lists"
            )
    return Roll(tuple(kept), tuple(left_out))


def _receipt_in(path: Path, ledger: Path) -> str:
    """Read the number of the receipt that a submission carries; empty where it carries none that is known."""
    with tempfile.TemporaryDirectory(prefix="unfit-cohort-") as scratch:
        try:
            entry = carried_by(read_tree(take(path, Path(scratch) / "clean").root), ledger)
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
                taken = take(one.path, Path(scratch) / "clean")
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
        self.carried: dict[str, Carried | None] = {}
        self.processor = 0.0

    def take(self, done: Done) -> None:
        """Count one submission."""
        self.carried[done.ending.pseudonym] = done.carried
        if not done.kept:
            self.processor += done.ending.processor_seconds
        self.pace.take(done)


def publish(out: Path, key: Key, settings: Settings) -> tuple[Row, ...]:
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


def _with_receipts(key: Key, carried: Mapping[str, Carried | None], ledger: Path) -> Key:
    """Enter which receipt each submission carries, and whose name the ledger has for those that are one's own."""
    names = {entry.nonce: entry.candidate for entry in entries(ledger)}
    people = [_carrying(person, carried) for person in key.people]
    holders: dict[str, list[Person]] = {}
    for person in people:
        holders.setdefault(person.carries, []).append(person)
    proven = {person.pseudonym for person in people if _proven(person, carried)}
    named = (
        _named(person, names.get(person.carries, ""), _owner(holders[person.carries], names), proven)
        for person in people
    )
    return key.model_copy(update={"people": tuple(named)})


def _carrying(person: Person, carried: Mapping[str, Carried | None]) -> Person:
    if person.pseudonym not in carried:
        return person
    found = carried[person.pseudonym]
    return person.model_copy(update={"carries": "" if found is None else found.nonce})


def _proven(person: Person, carried: Mapping[str, Carried | None]) -> bool:
    found = carried.get(person.pseudonym)
    return bool(person.carries) and (found.proven if found is not None else person.receipt == person.carries)


def _owner(holders: list[Person], names: Mapping[str, str]) -> Person | None:
    """Find whose a receipt is: the only one who carries it, or of several the one whom the list calls so."""
    if len(holders) == 1:
        return holders[0]
    name = folded(names.get(holders[0].carries, ""))
    called = [one for one in holders if name and one.named_by != "ledger" and folded(one.candidate) == name]
    return called[0] if len(called) == 1 else None


def _named(person: Person, name: str, owner: Person | None, proven: set[str]) -> Person:
    """Name somebody after the receipt, or take such a name back; what a list or you have said stays."""
    said = "" if person.named_by == "ledger" else person.candidate
    own = owner is not None and owner.pseudonym == person.pseudonym
    fits = not said or not name or folded(said) == folded(name)
    receipt = person.carries if own and fits and person.pseudonym in proven else ""
    given = name if receipt and not said else ""
    update = {
        "receipt": receipt,
        "candidate": said or given,
        "named_by": "ledger" if given else "" if person.named_by == "ledger" else person.named_by,
    }
    return person.model_copy(update=update)


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


def _strange_receipts(key: Key, ledger: Path) -> Iterator[str]:
    """Say which submissions carry one receipt, or the receipt of an export to somebody else."""
    names = {entry.nonce: entry.candidate for entry in entries(ledger)}
    holders: dict[str, list[Person]] = {}
    for person in key.people:
        holders.setdefault(person.carries, []).append(person)
    for nonce, people in sorted(holders.items()):
        both = " and ".join(sorted(person.pseudonym for person in people))
        owner = next((person.pseudonym for person in people if person.receipt), "")
        if nonce and len(people) > 1:
            whose = f"it is {owner}'s" if owner else "it names neither; say in a list who is who"
            yield f"{both} carry the same receipt, {nonce[:8]}: {whose}"
        for person in people if nonce and len(people) == 1 else ():
            made_for = names.get(nonce, "")
            if made_for and person.candidate and folded(made_for) != folded(person.candidate):
                yield (
                    f"{person.pseudonym} carries the receipt {nonce[:8]}, "
                    "of an export to somebody else than the list says"
                )
