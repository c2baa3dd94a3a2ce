"""Running the plan: every check on every tree under every seed, in parallel."""

from __future__ import annotations

import contextlib
import math
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from unfit import home
from unfit.bank import Exercise
from unfit.case import Case, Ended, Terms
from unfit.check_seeds import seed_of
from unfit.checks import Check, Measure, load_checks, load_measure
from unfit.checks import run as run_check
from unfit.cluster import Alike, Sent, connected, hand_out, kit_mark, place_there, refuse_unlike
from unfit.errors import SandboxError, UnfitError
from unfit.grades import Outcome, Verdict
from unfit.pace import Pace
from unfit.pool import end, pool, single_threaded
from unfit.remembered_answers import RememberingWorker, Store
from unfit.sandbox import Backend, Environment, Worker
from unfit.validate.earlier_verdicts import Kept, Ledger, Measured, Sight, ground_of
from unfit.validate.opened_files import Opens, Shared
from unfit.validate.planning import Tree
from unfit.validate.standing_sandbox import standing
from unfit.validate.validation import Seen
from unfit.validate.verdict_record import read_record

__all__ = ["ValidationJob", "ValidationProgress", "Watcher", "opened", "run"]


LEFT_OUT = ("cli/", "cohort/")
"""Packages of the kit on which no examination depends."""
MEASURED = {"fixed", "alone"}
"""Kinds of trees whose harm is measured."""
PIECES = 8
"""Pieces a worker gets at least, so that none ends long after the others."""
SMALLEST = 5
"""Seeds a piece holds at least, since each starts a sandbox."""


@dataclass(frozen=True)
class ValidationJob:
    """What every examination of one validation shares.

    Parameters
    ----------
    exercise : Exercise
    backend : Backend
    environment : Environment
    cache : Path or None
        Where answers are kept; nothing is kept without it.
    only : frozenset of str or None
        Checks to run with what they need; all of them where None.
    scratch : Path or None
        Where trees are laid out; the system's folder for that where None.
    recorded : bool
        Whether what a clean validation saw, as it lies beside the solution, is believed.
    """

    exercise: Exercise
    backend: Backend
    environment: Environment
    cache: Path | None = None
    only: frozenset[str] | None = None
    scratch: Path | None = None
    recorded: bool = False

    def checks(self) -> tuple[Check, ...]:
        """Load the checks to run, in order."""
        checks = load_checks(self.exercise.solution)
        if self.only is None:
            return checks
        wanted = set(self.only)
        for item in reversed(checks):
            if item.name in wanted:
                wanted.update(item.needs)
        return tuple(item for item in checks if item.name in wanted)

    def measure(self, tree: Tree) -> Measure | None:
        """Load what measures harm, where that of a tree is asked for."""
        asked = tree.kind in MEASURED and self.only is None
        return load_measure(self.exercise.solution) if asked else None

    def seed_of(self, name: str, seed: int) -> int:
        """Derive a check's or the measure's own seed; without a name, the one that all checks share."""
        return seed_of(name, seed=seed, version=self.exercise.manifest.version)

    @property
    def terms(self) -> Terms:
        """The exercise's contract."""
        return Terms(self.exercise.manifest.contract, source=f"{self.exercise.slug}/exercise.toml")

    @property
    def ground(self) -> str:
        """All that an answer depends on besides the tree and the question."""
        return ground_of(self.environment, self.backend.name)

    def ledger(self) -> Ledger | None:
        """Open what earlier runs saw, where that is kept."""
        if self.cache is None:
            return None
        recorded = read_record(self.exercise).seen if self.recorded else {}
        return Ledger.of(self.exercise, Store(self.cache / "examinations"), self.ground, recorded)


@dataclass(frozen=True)
class ValidationProgress:
    """One examination that came to its end."""

    seen: Seen
    done: int
    total: int
    left: str = ""
    """How long the rest will take, in words; empty before the first one that was not known."""


Watcher = Callable[[ValidationProgress], None]
Take = Callable[[Iterable[Seen]], None]


class Enough(Exception):
    """No further examination is asked for."""


def run(
    job: ValidationJob,
    trees: Sequence[Tree],
    seeds: Sequence[int],
    *,
    workers: int = 2,
    cluster: str | None = None,
    watch: Watcher | None = None,
    enough: Callable[[Seen], bool] | None = None,
) -> tuple[Seen, ...]:
    """Examine every tree under every seed.

    Parameters
    ----------
    job : ValidationJob
    trees : sequence of Tree
    seeds : sequence of int
    workers : int, default=2
        Processes that examine side by side; with one, this process does it all.
    cluster : str, optional
        Address of a Dask scheduler, whose workers examine instead.
    watch : callable, optional
        Told of each examination that ended.
    enough : callable, optional
        Asked after each examination whether the rest can be left. With it, every tree is first examined under its first
        seed.

    Returns
    -------
    seen : tuple of Seen
        Tree by tree in their order, seed by seed in theirs; one seed where a tree asks for one. A check that broke is
        named in each and ends nothing else. Where there was enough, what was examined until then.
    """
    pace = Pace(sum(len(tree.seeds(seeds)) for tree in trees))
    found: dict[tuple[str, int], Seen] = {}

    def take(batch: Iterable[Seen]) -> None:
        for seen in batch:
            found[seen.tree, seen.seed] = seen
            pace.add(kept=seen.kept)
            if watch:
                watch(ValidationProgress(seen, pace.count, pace.total, pace.left))
            if enough and enough(seen):
                raise Enough

    with contextlib.suppress(Enough):
        missing = _missing(job, trees, seeds, take)
        if enough:
            cuts = (slice(1), slice(1, None))
            missing = [(tree, part) for cut in cuts for tree, rest in missing if (part := rest[cut])]
        if cluster:
            examine_on(cluster, job, missing, take)
        elif workers <= 1 or sum(len(rest) for _, rest in missing) <= 1:
            for tree, rest in missing:
                take(examine_tree(job, tree, rest))
        else:
            _side_by_side(job, missing, workers, take)
    every = [(tree.name, seed) for tree in trees for seed in tree.seeds(seeds)]
    return tuple(found[one] for one in every if one in found)


def _missing(
    job: ValidationJob, trees: Sequence[Tree], seeds: Sequence[int], take: Take
) -> list[tuple[Tree, tuple[int, ...]]]:
    """Take what is known already, and say what is left."""
    names, ledger = [item.name for item in job.checks()], job.ledger()
    missing = []
    for tree in trees:
        kept = [_known(job, names, ledger, tree, seed) for seed in tree.seeds(seeds)]
        take(seen for seen in kept if seen is not None)
        rest = tuple(seed for seed, seen in zip(tree.seeds(seeds), kept, strict=True) if seen is None)
        if rest:
            missing.append((tree, rest))
    return missing


def _side_by_side(
    job: ValidationJob,
    work: Sequence[tuple[Tree, tuple[int, ...]]],
    workers: int,
    take: Take,
) -> None:
    """Hand out pieces small enough that no worker ends long after the others."""
    total = sum(len(seeds) for _, seeds in work)
    most = max(SMALLEST, math.ceil(total / (workers * PIECES)))
    pieces = [piece for tree, seeds in work for piece in _pieces(tree, seeds, most)]
    with (
        tempfile.TemporaryDirectory(prefix="unfit-validate-") as scratch,
        single_threaded(),
        pool(workers) as running,
    ):
        here = replace(job, scratch=Path(scratch))
        waiting: set[Future[list[Seen]]] = {running.submit(_examined, here, *piece) for piece in pieces}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    take(future.result())
        except BrokenProcessPool:
            raise SandboxError(
                "a process that examined submissions died",
                fix="most often memory ran out: use fewer --workers",
            ) from None
        except BaseException:
            end(running)
            raise


def examine_on(
    address: str, job: ValidationJob, work: Sequence[tuple[Tree, tuple[int, ...]]], take: Take
) -> None:
    """Examine on the workers of a cluster; what they saw is kept here as well.

    Raises
    ------
    UsageError
        If Dask is not installed, or nobody answers there.
    UnfitError
        If a worker's kit, bank or environment is another than here, or the cluster goes away.
    """
    checks, ledger = job.checks(), job.ledger()
    pieces = [piece for tree, seeds in work for piece in _pieces(tree, seeds, SMALLEST)]
    named = ((f"{number} {tree.name}", (tree, seeds)) for number, (tree, seeds) in enumerate(pieces))
    exercise = job.exercise
    wanted = Alike(
        kit_mark(*LEFT_OUT),
        LEFT_OUT,
        str(exercise.bank),
        exercise.slug,
        exercise.digest,
        job.environment.digest,
    )

    def came_back(sent: Sent[tuple[Tree, tuple[int, ...]]]) -> None:
        tree, seeds = sent.what
        found: list[tuple[Seen, Kept]] = sent.result(lambda: _died(tree))
        for seed, (_, kept) in zip(seeds, found, strict=True):
            if ledger:
                ledger.put(tree, seed, checks, kept, known=ledger.get(tree, seed))
        take(seen for seen, _ in found)

    with connected(address, lost="what was examined is kept; start it again, and the same command") as client:
        refuse_unlike(client, _unlike, (job, wanted))
        hand_out(client, named, partial(_examined_there, job, wanted), came_back)


def _died(tree: Tree) -> NoReturn:
    raise SandboxError(
        f"every worker that examined `{tree.name}` died", fix="most often memory ran out: give workers more"
    )


def _unlike(asked: tuple[ValidationJob, Alike]) -> str:
    """Say, on a worker, why it would see something else; empty where it would not."""
    try:
        _here(*asked)
    except UnfitError as error:
        return error.message
    return ""


def _here(job: ValidationJob, wanted: Alike) -> ValidationJob:
    """Find on a worker what the job names; answers are kept where that worker keeps its own."""
    found, place = place_there(wanted, job.backend, job.environment)
    cache = None if job.cache is None else home.cache() / "cache"
    return replace(job, exercise=found, environment=place or job.environment, cache=cache, scratch=None)


def _examined_there(
    job: ValidationJob, wanted: Alike, piece: tuple[Tree, tuple[int, ...]]
) -> list[tuple[Seen, Kept]]:
    """Examine a tree under some seeds, on a worker."""
    return list(examinations(_here(job, wanted), *piece))


def _pieces(tree: Tree, seeds: tuple[int, ...], most: int) -> Iterator[tuple[Tree, tuple[int, ...]]]:
    for start in range(0, len(seeds), most):
        yield tree, seeds[start : start + most]


def _examined(job: ValidationJob, tree: Tree, seeds: tuple[int, ...]) -> list[Seen]:
    return list(examine_tree(job, tree, seeds))


def examine_tree(job: ValidationJob, tree: Tree, seeds: Sequence[int]) -> Iterator[Seen]:
    """Examine one tree under several seeds, in one sandbox, as far as earlier runs have not seen it."""
    for seen, _ in examinations(job, tree, seeds):
        yield seen


def examinations(job: ValidationJob, tree: Tree, seeds: Sequence[int]) -> Iterator[tuple[Seen, Kept]]:
    """Examine as `examine_tree` does, and say as well what another run could keep of it."""
    checks, ledger = job.checks(), job.ledger()
    with opened(job, tree) as worker:
        for seed in seeds:
            started = time.monotonic()
            known = ledger.get(tree, seed) if ledger else Kept()
            sights = _looked(job, checks, worker, seed, known)
            kept = Kept(sights=sights, measured=known.measured or _measured(job, worker, tree, seed))
            if ledger:
                ledger.put(tree, seed, checks, kept, known=known)
            yield _seen(tree, seed, kept, wall=round(time.monotonic() - started, 4)), kept


def _known(
    job: ValidationJob, names: Sequence[str], ledger: Ledger | None, tree: Tree, seed: int
) -> Seen | None:
    """Say what earlier runs saw, if that is all there is to see."""
    if ledger is None:
        return None
    kept = ledger.get(tree, seed)
    measured = kept.measured is not None or job.measure(tree) is None
    if not measured or not kept.sights.keys() >= set(names):
        return None
    sights = {name: kept.sights[name] for name in names}
    return _seen(tree, seed, Kept(sights=sights, measured=kept.measured), kept=True)


def _seen(tree: Tree, seed: int, found: Kept, **facts: Any) -> Seen:
    loss = found.measured if tree.kind in MEASURED else None
    return Seen(
        tree=tree.name,
        seed=seed,
        verdicts={name: sight.verdict for name, sight in found.sights.items()},
        broken={name: sight.broken for name, sight in found.sights.items() if sight.broken},
        places={name: sight.place for name, sight in found.sights.items() if sight.place},
        spent={name: sight.spent for name, sight in found.sights.items() if not sight.broken},
        losses=loss.losses if loss else {},
        unmeasured=loss.unmeasured if loss else "",
        asked=tuple(sorted({name for sight in found.sights.values() for name in sight.asked})),
        **facts,
    )


@contextlib.contextmanager
def opened(job: ValidationJob, tree: Tree) -> Iterator[RememberingWorker]:
    """Lay a tree out, and put a sandbox around it as soon as an answer is not known."""
    paths = job.exercise.manifest.contract.paths
    answers = None if job.cache is None else Shared(Store(job.cache / "questions"), tree.files)
    about = "\0".join([job.ground, *paths, answers.names if answers else ""])
    with (
        standing(job.backend, job.environment, paths, scratch=job.scratch) as stand,
        contextlib.ExitStack() as watching,
    ):

        def start() -> Worker:
            stand.lay(tree.files)
            if answers:
                with contextlib.suppress(OSError):  # without a watch, answers count for this tree alone
                    answers.watch(watching.enter_context(Opens(stand.path)))
            return stand.open()

        with RememberingWorker(start, answers, about=about) as questions:
            yield questions


def _looked(
    job: ValidationJob, checks: Sequence[Check], worker: RememberingWorker, seed: int, known: Kept
) -> dict[str, Sight]:
    """Run the checks, passing over those that are known and need none that is run."""
    sights: dict[str, Sight] = {}
    anew: set[str] = set()
    for item in checks:
        if item.name in known.sights and anew.isdisjoint(item.needs):
            sights[item.name] = known.sights[item.name]
        else:
            anew.add(item.name)
            sights[item.name] = _sight(job, item, worker, seed, sights)
    return sights


def _sight(
    job: ValidationJob, item: Check, worker: RememberingWorker, seed: int, before: Mapping[str, Sight]
) -> Sight:
    """Run one check; whatever breaks in it must not end the others."""
    worker.begin()
    worker.asked.clear()
    own, shared = (job.seed_of(name, seed) for name in (item.name, ""))
    done = {name: sight.verdict for name, sight in before.items()}
    place = ""

    def experiment(case: Case) -> None:
        nonlocal place
        try:
            item.experiment(case)
        except Ended as ended:
            place = _place(ended, job.exercise)
            raise

    placed = replace(item, experiment=experiment)
    try:
        verdict, spent = run_check(
            placed, worker, job.terms, seed=own, shared_seed=shared, done=done, strict=True
        )
    except Exception as error:  # noqa: BLE001 - see above
        outcome, cause = Outcome.UNPROVEN, "the check itself is broken"
        verdict = Verdict(check=item.name, sentence=item.sentence, outcome=outcome, cause=cause, seed=own)
        return Sight(verdict=verdict, broken=_said(error))
    errored = verdict.outcome is Outcome.ERRORED
    asked = tuple(sorted(worker.asked))
    return Sight(verdict=verdict, spent=spent, asked=asked, place=place if errored else "")


def _measured(job: ValidationJob, worker: Worker, tree: Tree, seed: int) -> Measured | None:
    """Measure what the fixed project and each single defect cost, under one seed for all of them."""
    measure = job.measure(tree)
    if measure is None:
        return None
    case = Case(worker, job.terms, seed=job.seed_of(measure.name, seed))
    try:
        losses = {name: float(loss) for name, loss in measure.losses(case).items()}
        return Measured(measure=measure.name, losses=losses)
    except Ended as ended:
        return Measured(measure=measure.name, unmeasured=ended.cause)
    except Exception as error:  # noqa: BLE001 - a broken measure must not end the checks
        return Measured(measure=measure.name, unmeasured=_said(error))
    finally:
        case.close()


def _place(error: Exception, exercise: Exercise) -> str:
    """Find the line of the exercise's own code that asked; the innermost one where one part calls another."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == exercise.solution]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""


def _said(error: Exception) -> str:
    if isinstance(error, UnfitError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
