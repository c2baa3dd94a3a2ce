"""Work on one submission of a cohort: take it, judge it unless that was done before, say how it ended."""

from __future__ import annotations

import errno
import platform
import resource
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from unfit.bank import Exercise, read_tree
from unfit.cohort.carried_receipts import Carried
from unfit.cohort.pseudonyms import Person
from unfit.cohort.resuming import graded_before, mark_of, word_on_matches
from unfit.cohort.settings_and_endings import ENDING, Ending, Settings, folder_of
from unfit.cohort.shared_code import CODE, code_of
from unfit.errors import SubmissionError, UnfitError, UsageError
from unfit.export import Receipt, carried_by
from unfit.files import write_atomically
from unfit.forgotten import read_marks
from unfit.judge import judge, judge_again, reports
from unfit.planting import write_tree
from unfit.receiving import Received, receive
from unfit.report import OVERRULES, Added, changes, load_grade, write_reports
from unfit.sandbox import Backend, Environment
from unfit.submission import take, wanted

__all__ = [
    "CohortJob",
    "Done",
    "Item",
    "Parcel",
    "lost",
    "pack",
    "work",
    "work_on",
    "write",
]


@dataclass(frozen=True)
class CohortJob:
    """What all work on one cohort shares.

    Parameters
    ----------
    exercise : Exercise
    settings : Settings
    backend : Backend or None
    environment : Environment or None
        None where nothing is run.
    ledger, out : Path
        The interviewer's folder, and the cohort's.
    scratch : Path or None
        Where submissions are taken to; the system's folder for that where None.
    """

    exercise: Exercise
    settings: Settings
    backend: Backend | None
    environment: Environment | None
    ledger: Path
    out: Path
    scratch: Path | None = None


@dataclass(frozen=True)
class Item:
    """One submission to work on.

    Parameters
    ----------
    pseudonym : str
    source : Path
    """

    pseudonym: str
    source: Path

    @classmethod
    def of(cls, person: Person) -> Item:
        """Make the work on a person's submission."""
        return cls(person.pseudonym, person.path)


@dataclass(frozen=True)
class Done:
    """How the work on one submission ended.

    Parameters
    ----------
    ending : Ending
    carried : Carried or None
        For the key: whose it may be.
    reports : mapping of str to str
        To be written; empty where they were before.
    kept : bool
        Whether it was graded before.
    changes : tuple of str
        What your word on its matches changed, a sentence each.
    read_again : bool
        Whether your word on its matches is another than before; no experiment ran again.
    """

    ending: Ending
    carried: Carried | None = None
    reports: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False
    changes: tuple[str, ...] = ()
    read_again: bool = False


def work(job: CohortJob, item: Item) -> Done:
    """Work on one submission, whatever it is; only a full disk raises.

    Nothing is written where the same submission was graded under the same settings.
    """

    def act(scratch: Path) -> Done:
        here = look(job, item, scratch)
        return here if isinstance(here, Done) else _graded(job, here)

    return _measured(job, item, act)


@dataclass(frozen=True)
class Fresh:
    """A submission that has to be graded.

    Parameters
    ----------
    received : Received
    overrules : bytes
        The interviewer's word on its matches.
    added : Added
        What else lies beside its grade.
    carried : Carried or None
    """

    received: Received
    overrules: bytes
    added: Added
    carried: Carried | None


def look(job: CohortJob, item: Item, scratch: Path) -> Done | Fresh:
    """Take a submission, and find its grade where it was graded before, or why it is refused."""
    clean = scratch / "clean"
    try:
        received = receive(
            job.exercise,
            item.source,
            clean,
            ledger=job.ledger,
            name=item.pseudonym,
            review_only=job.settings.review_only,
        )
        _check_receipt(job, received.receipt, item.pseudonym)
        _check_forgotten(job, received, item.pseudonym)
    except SubmissionError as error:
        tree = read_tree(clean) if clean.is_dir() else _as_it_is(item.source, scratch / "as it is")
        return Done(_failed(job, item, error), _carried(job, tree, proven=False))
    carried = _carried(job, received.files, proven=received.receipt.verified)
    folder = folder_of(job.out, item.pseudonym)
    overrules = word_on_matches(folder)
    fresh = Fresh(received, overrules, Added.of(folder), carried)
    kept = graded_before(job.out, job.settings, received)
    if kept is None:
        return fresh
    if kept.overrules == mark_of(overrules):
        return Done(kept, carried, kept=True)
    return _read_again(fresh, kept, folder) or fresh


def _read_again(fresh: Fresh, kept: Ending, folder: Path) -> Done | None:
    """Let another word on the matches of a grade stand; None where it has no matches."""
    before = load_grade(folder / "grade.json")
    try:
        after = judge_again(fresh.received, before, overrules=folder / OVERRULES)
    except UsageError:
        return None
    code = {CODE: (folder / CODE).read_text("utf-8")} if (folder / CODE).is_file() else {}
    return Done(
        kept.model_copy(update={"overrules": mark_of(fresh.overrules)}),
        fresh.carried,
        code | reports(fresh.received, after, added=fresh.added),
        kept=True,
        changes=tuple(changes(before, after)),
        read_again=True,
    )


def _as_it_is(source: Path, to: Path) -> Mapping[str, bytes]:
    """Read what was handed in where the project was not found in it; nothing where it cannot be read either."""
    try:
        return read_tree(take(source, to).root)
    except UnfitError:
        return {}


def _carried(job: CohortJob, tree: Mapping[str, bytes], *, proven: bool) -> Carried | None:
    entry = carried_by(tree, job.ledger)
    return None if entry is None else Carried(entry.nonce, proven)


@dataclass(frozen=True)
class Parcel:
    """A submission on its way to another machine: its files, and what the ledger says of it.

    Parameters
    ----------
    item : Item
        Without a source that means anything there.
    files : mapping of str to bytes
    receipt : Receipt
    overrules : bytes
    added : Added
    carried : Carried or None
    notes : tuple of str
        What was not as it was handed in.
    """

    item: Item
    files: Mapping[str, bytes]
    receipt: Receipt
    overrules: bytes
    added: Added
    carried: Carried | None
    notes: tuple[str, ...] = ()


def pack(job: CohortJob, item: Item) -> Done | Parcel:
    """Look at a submission here, and pack what has to be graded elsewhere."""
    with tempfile.TemporaryDirectory(prefix="unfit-cohort-", dir=job.scratch) as scratch:
        try:
            here = look(job, item, Path(scratch))
        except Exception as error:  # noqa: BLE001 - no submission ends the others
            _refuse_full_disk(error)
            return Done(_failed(job, item, error))
    if isinstance(here, Done):
        return here
    received = here.received
    if received.review_only:  # nothing is run, so nothing has to travel
        return _measured(job, item, lambda _: _graded(job, here))
    return Parcel(
        replace(item, source=Path(item.pseudonym)),
        received.files,
        received.receipt,
        here.overrules,
        here.added,
        here.carried,
        received.submission.notes,
    )


def work_on(job: CohortJob, parcel: Parcel) -> Done:
    """Grade what was packed; the same files give the same grade."""

    def act(scratch: Path) -> Done:
        write_tree(parcel.files, scratch / "packed")
        again = take(
            scratch / "packed", scratch / "clean", name=parcel.item.pseudonym, wanted=wanted(job.exercise)
        )
        taken = replace(again, notes=parcel.notes)
        received = Received(job.exercise, taken, parcel.files, parcel.receipt)
        return _graded(job, Fresh(received, parcel.overrules, parcel.added, parcel.carried))

    return _measured(job, parcel.item, act)


def _measured(job: CohortJob, item: Item, act: Callable[[Path], Done]) -> Done:
    """Act in a scratch folder, and come to an ending whatever happens."""
    meter = _Meter()
    with tempfile.TemporaryDirectory(prefix="unfit-cohort-", dir=job.scratch) as scratch:
        try:
            done = act(Path(scratch))
        except Exception as error:  # noqa: BLE001 - no submission ends the others
            _refuse_full_disk(error)
            done = Done(_failed(job, item, error))
    return done if done.kept else replace(done, ending=meter.read_into(done.ending))


def _refuse_full_disk(error: Exception) -> None:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise error


def write(out: Path, done: Done) -> None:
    """Write what came of the work on one submission; the ending comes last."""
    if done.kept and not done.reports:
        return
    folder = folder_of(out, done.ending.pseudonym)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (ENDING, "grade.json", CODE):  # of an earlier submission
        (folder / name).unlink(missing_ok=True)
    write_reports(done.reports, folder)
    write_atomically(folder / ENDING, done.ending.model_dump_json(indent=1) + "\n")


def _graded(job: CohortJob, fresh: Fresh) -> Done:
    received, overrules = fresh.received, fresh.overrules
    name, receipt = received.submission.name, received.receipt
    with tempfile.TemporaryDirectory(prefix="unfit-cohort-", dir=job.scratch) as scratch:
        said = Path(scratch) / OVERRULES
        if overrules:
            said.write_bytes(overrules)
        done = judge(
            received,
            backend=job.backend,
            environment=job.environment,
            seed=job.settings.seed,
            overrules=said,
            kernel=job.settings.kernel,
        )
    ending = Ending(
        pseudonym=name,
        outcome="graded",
        settings=job.settings.mark,
        submission=received.submission.digest,
        overrules=mark_of(overrules),
        form=receipt.form,
        verified=receipt.verified,
        review_only=received.review_only,
    )
    code = None if received.review_only else code_of(job.exercise, received.files, receipt)
    beside = {} if code is None else {CODE: code}
    rendered = reports(received, done, added=fresh.added)
    return Done(ending, fresh.carried, beside | rendered)


def _check_receipt(job: CohortJob, receipt: Receipt, pseudonym: str) -> None:
    """Refuse what was handed out as something else: versions and exercises are not compared."""
    if receipt.verified and receipt.version != job.settings.version:
        raise SubmissionError(
            f"{pseudonym}: version {receipt.version} of the exercise was handed out, "
            f"and this cohort is of version {job.settings.version}",
            fix="grade it in a cohort of its own, with the bank of that version",
        )


def _check_forgotten(job: CohortJob, received: Received, pseudonym: str) -> None:
    """Refuse the work of somebody who was forgotten, however it was packed this time."""
    when = read_marks(job.ledger).when(("content", received.submission.digest))
    if when is not None:
        raise SubmissionError(
            f"{pseudonym}: this is the work of somebody who was forgotten on {when}",
            fix="delete it; if the person applied again, say so: unfit forget NAME --lift",
        )


def _failed(job: CohortJob, item: Item, error: Exception) -> Ending:
    """Say why there is no grade: the submission was refused, or the kit or the machine is at fault."""
    base = Ending(pseudonym=item.pseudonym, outcome="failed", settings=job.settings.mark)
    if isinstance(error, UnfitError):
        outcome = "refused" if isinstance(error, SubmissionError) else "failed"
        said = {"outcome": outcome, "cause": _blind(error.message, item), "fix": _blind(error.fix, item)}
        return base.model_copy(update=said)
    place = traceback.extract_tb(error.__traceback__)[-1]
    cause = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
    return base.model_copy(
        update={"cause": _blind(cause, item), "fix": "this is a mistake of the kit: report it"}
    )


def lost(job: CohortJob, item: Item, cause: str) -> Done:
    """Say that whatever graded a submission died of it."""
    fix = "most often memory ran out: grade it alone, or on a larger machine"
    ending = Ending(
        pseudonym=item.pseudonym, outcome="failed", cause=cause, fix=fix, settings=job.settings.mark
    )
    return Done(ending)


def _blind(text: str, item: Item) -> str:
    """Leave out whose it is, where an error of the machine names the source."""
    return text.replace(str(item.source), item.pseudonym)


class _Meter:
    """The clock of one piece of work: processor seconds of this process and of what it started."""

    def __init__(self) -> None:
        self.wall = time.monotonic()
        self.processor = _processor()

    def read_into(self, ending: Ending) -> Ending:
        """Enter what the work cost, and where it was done."""
        cost = {
            "processor_seconds": round(_processor() - self.processor, 3),
            "wall_seconds": round(time.monotonic() - self.wall, 3),
            "host": platform.node(),
        }
        return ending.model_copy(update=cost)


def _processor() -> float:
    own, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
