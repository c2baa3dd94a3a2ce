"""Running the plan: every check on every tree under every seed, in parallel."""

from __future__ import annotations

import contextlib
import hashlib
import math
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from unfit.bank import Exercise, digest_of
from unfit.case import Case, Ended, Terms
from unfit.checks import Check, load_checks, load_measure, seed_of
from unfit.checks import run as run_check
from unfit.errors import SandboxError, UnfitError
from unfit.grades import Outcome, Verdict
from unfit.planting import write_tree
from unfit.pool import end, pool, single_threaded
from unfit.questions import Questions, Store
from unfit.sandbox import Backend, Environment, Worker
from unfit.validate.opens import Opens, Shared
from unfit.validate.planning import Tree
from unfit.validate.records import Seen

__all__ = ["Job", "Progress", "Watcher", "code_digest", "opened", "run"]


MEASURED = {"fixed", "alone"}
"""Kinds of trees whose harm is measured."""
PIECES = 8
"""Pieces a worker gets at least, so that none ends long after the others."""
SMALLEST = 5
"""Seeds a piece holds at least, since each starts a sandbox."""


@dataclass(frozen=True)
class Job:
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
    """

    exercise: Exercise
    backend: Backend
    environment: Environment
    cache: Path | None = None
    only: frozenset[str] | None = None
    scratch: Path | None = None

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


@dataclass(frozen=True)
class Progress:
    """One examination that came to its end."""

    seen: Seen
    done: int
    total: int


Watcher = Callable[[Progress], None]


def run(
    job: Job, trees: Sequence[Tree], seeds: Sequence[int], *, workers: int = 2, watch: Watcher | None = None
) -> tuple[Seen, ...]:
    """Examine every tree under every seed.

    Parameters
    ----------
    job : Job
    trees : sequence of Tree
    seeds : sequence of int
    workers : int, default=2
        Processes that examine side by side; with one, this process does it all.
    watch : callable, optional
        Told of each examination that ended.

    Returns
    -------
    seen : tuple of Seen
        Tree by tree in their order, seed by seed in theirs; one seed where a tree asks for one. A check that broke is
        named in each and ends nothing else.
    """
    total = sum(len(tree.seeds(seeds)) for tree in trees)
    found: dict[tuple[str, int], Seen] = {}

    def take(batch: Iterable[Seen]) -> None:
        for seen in batch:
            found[seen.tree, seen.seed] = seen
            if watch:
                watch(Progress(seen, len(found), total))

    missing = []
    for tree in trees:
        kept = [_kept(job, tree, seed) for seed in tree.seeds(seeds)]
        take(seen for seen in kept if seen is not None)
        rest = tuple(seed for seed, seen in zip(tree.seeds(seeds), kept, strict=True) if seen is None)
        if rest:
            missing.append((tree, rest))
    if workers <= 1 or sum(len(rest) for _, rest in missing) <= 1:
        for tree, rest in missing:
            take(examine_tree(job, tree, rest))
    else:
        _side_by_side(job, missing, workers, take)
    return tuple(found[tree.name, seed] for tree in trees for seed in tree.seeds(seeds))


def _side_by_side(
    job: Job,
    work: Sequence[tuple[Tree, tuple[int, ...]]],
    workers: int,
    take: Callable[[Iterable[Seen]], None],
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


def _pieces(tree: Tree, seeds: tuple[int, ...], most: int) -> Iterator[tuple[Tree, tuple[int, ...]]]:
    for start in range(0, len(seeds), most):
        yield tree, seeds[start : start + most]


def _examined(job: Job, tree: Tree, seeds: tuple[int, ...]) -> list[Seen]:
    return list(examine_tree(job, tree, seeds))


def examine_tree(job: Job, tree: Tree, seeds: Sequence[int]) -> Iterator[Seen]:
    """Examine one tree under several seeds, in one sandbox."""
    checks = job.checks()
    terms = Terms(job.exercise.manifest.contract, source=f"{job.exercise.slug}/exercise.toml")
    with opened(job, tree) as worker:
        for seed in seeds:
            seen = _examine(job, checks, terms, worker, tree=tree, seed=seed)
            if job.cache is not None and not seen.broken:
                _keep(job, tree, seen)
            yield seen


@contextlib.contextmanager
def opened(job: Job, tree: Tree) -> Iterator[Questions]:
    """Lay a tree out, and put a sandbox around it as soon as an answer is not known."""
    paths = job.exercise.manifest.contract.paths
    answers = None if job.cache is None else Shared(Store(job.cache / "questions"), tree.files)
    about = "\0".join([_ground(job), *paths, answers.names if answers else ""])
    with (
        tempfile.TemporaryDirectory(prefix="unfit-validate-", dir=job.scratch) as scratch,
        contextlib.ExitStack() as watching,
    ):
        root = Path(scratch) / "submission"

        def start() -> Worker:
            write_tree(tree.files, root)
            if answers:
                with contextlib.suppress(OSError):  # without a watch, answers count for this tree alone
                    answers.watch(watching.enter_context(Opens(root)))
            return job.backend.open(root, job.environment, paths=paths)

        with Questions(start, answers, about=about) as questions:
            yield questions


def _examine(
    job: Job, checks: Sequence[Check], terms: Terms, worker: Questions, *, tree: Tree, seed: int
) -> Seen:
    started = time.monotonic()
    version = job.exercise.manifest.version
    shared = seed_of("", seed=seed, version=version)
    verdicts: dict[str, Verdict] = {}
    broken: dict[str, str] = {}
    spent: dict[str, float] = {}
    for item in checks:
        worker.begin()
        own = seed_of(item.name, seed=seed, version=version)
        try:
            verdicts[item.name], spent[item.name] = run_check(
                item, worker, terms, seed=own, shared_seed=shared, done=verdicts
            )
        except Exception as error:  # noqa: BLE001 - whatever breaks in a check must not end the others
            broken[item.name] = _said(error)
            verdicts[item.name] = Verdict(
                check=item.name,
                sentence=item.sentence,
                outcome=Outcome.UNPROVEN,
                cause="the check itself is broken",
                seed=own,
            )
    asked = tuple(sorted(worker.asked))
    losses, unmeasured = _measured(job, terms, worker, tree, seed)
    return Seen(
        tree=tree.name,
        seed=seed,
        verdicts=verdicts,
        broken=broken,
        spent=spent,
        losses=losses,
        unmeasured=unmeasured,
        asked=asked,
        wall=round(time.monotonic() - started, 4),
    )


def _measured(job: Job, terms: Terms, worker: Worker, tree: Tree, seed: int) -> tuple[dict[str, float], str]:
    """Measure what the fixed project and each single defect cost, under one seed for all of them."""
    measure = load_measure(job.exercise.solution)
    if measure is None or tree.kind not in MEASURED or job.only is not None:
        return {}, ""
    own = seed_of(measure.name, seed=seed, version=job.exercise.manifest.version)
    case = Case(worker, terms, seed=own)
    try:
        return {name: float(loss) for name, loss in measure.losses(case).items()}, ""
    except Ended as ended:
        return {}, ended.cause
    except Exception as error:  # noqa: BLE001 - a broken measure must not end the checks
        return {}, _said(error)
    finally:
        case.close()


def _said(error: Exception) -> str:
    if isinstance(error, UnfitError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"


def _keep(job: Job, tree: Tree, seen: Seen) -> None:
    if all(verdict.replayable for verdict in seen.verdicts.values()):
        _ledger(job).put(_name(job, tree, seen.seed), seen.model_dump_json())


def _kept(job: Job, tree: Tree, seed: int) -> Seen | None:
    if job.cache is None:
        return None
    content = _ledger(job).get(_name(job, tree, seed))
    if content is None:
        return None
    try:
        return Seen.model_validate_json(content).model_copy(update={"tree": tree.name, "kept": True})
    except ValidationError:
        return None


def _ledger(job: Job) -> Store:
    assert job.cache is not None
    return Store(job.cache / "examinations")


def _name(job: Job, tree: Tree, seed: int) -> str:
    """Name an examination by all that its verdicts depend on."""
    only = sorted(job.only) if job.only is not None else None
    judge = kit_digest("case", "checks", "contract", "grades")
    measured = str(tree.kind in MEASURED)
    facts = [tree.digest, _ground(job), judge, code_digest(job.exercise), repr(only), measured, str(seed)]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()


def _ground(job: Job) -> str:
    """Name all that an answer depends on besides the tree and the question."""
    packages = ",".join(job.environment.packages)
    return "\0".join(
        [
            job.environment.digest,
            packages,
            job.backend.name,
            kit_digest("worker", "wire", "sandbox", "questions"),
        ]
    )


def code_digest(exercise: Exercise) -> str:
    """Hash the checks with all that they can import, and the contract."""
    files = {
        path.name: path.read_bytes()
        for path in exercise.solution.iterdir()
        if path.is_file() and (path.suffix == ".py" or path.name == "exercise.toml")
    }
    return digest_of(files)


@cache
def kit_digest(*packages: str) -> str:
    """Hash the kit's own code that an answer depends on.

    Parameters
    ----------
    *packages : str
        Modules or packages directly below ``unfit``.
    """
    root = Path(str(files("unfit")))
    whole = hashlib.sha256()
    for package in packages:
        place = root / package
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            whole.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
