"""The gate: everything that an exercise must show before it is used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from unfit import __version__, home
from unfit.bank import Exercise
from unfit.checks import Check
from unfit.environment import find
from unfit.errors import BankError
from unfit.harm import Harm
from unfit.likeness import describe
from unfit.remembered_answers import Store
from unfit.sandbox import Backend, Environment, ensure_works
from unfit.validate import expected_against_seen, size_budget
from unfit.validate.completeness import incomplete, unused
from unfit.validate.examining import ValidationJob, Watcher, run
from unfit.validate.fit_for_pull_request import unfit_pull_request
from unfit.validate.forging import forged
from unfit.validate.harm_measuring import contradictions, measure_harm, write_harm
from unfit.validate.kernel_comparison import compare_kernels
from unfit.validate.leaks import leaks
from unfit.validate.margins import measure_margins, narrow_margins, varying
from unfit.validate.planning import Tree, plan, roles_of
from unfit.validate.seeds import choose_seeds, note_clean
from unfit.validate.tool_giveaways import giveaways, unasked
from unfit.validate.validation import Costs, Margin, Problem, Seen, Stopped, Table, Validation
from unfit.validate.verdict_record import VerdictRecord, read_record, write_record
from unfit.validate.visible_tests import visible_tests

__all__ = ["cache_folder", "validate"]

GATES = ("bank", *expected_against_seen.RANKS, "harm", "secrecy", "completeness", "budget", "pull request")
"""What to mend first."""
DRAWN = {"fixed", "alone", "shipped"}
"""Kinds of trees that reports draw, and so are seen under every seed."""
PILOT = 3
"""Seeds that tell which checks vary at all."""
FALSE_FAILS = 1e-3
"""What a statistical check may reject of correct work, a grade."""
ENOUGH = 10
"""Seeds without which a spread says too little to judge a tail by."""


def cache_folder() -> Path:
    """Say where answers are kept on this machine."""
    return home.cache() / "cache"


def validate(
    exercise: Exercise,
    *,
    backend: Backend,
    seeds: int | Sequence[int] = 2,
    environment: Environment | None = None,
    workers: int = 2,
    cluster: str | None = None,
    cache: Path | None = None,
    statistical: bool = False,
    once: bool = False,
    fresh: bool = False,
    fail_fast: bool = False,
    recorded: bool = False,
    write: bool = False,
    watch: Watcher | None = None,
    tell: Callable[[Problem | str], None] | None = None,
) -> Validation:
    """Prove an exercise: every variant and corpus entry against every check, over seeds, and all that it must bring.

    Parameters
    ----------
    exercise : Exercise
    backend : Backend
    seeds : int or sequence of int, default=2
        How many to draw, or the seeds themselves.
    environment : Environment, optional
        Found for the bank where not given.
    workers : int, default=2
        Processes that examine side by side.
    cluster : str, optional
        Address of a Dask scheduler, whose workers examine instead.
    cache : Path, optional
        Where answers are kept, so that a rerun asks only what a change can have touched; see `cache_folder`.
    statistical : bool, default=False
        Run only the checks whose numbers vary over seeds, and nothing besides them.
    once : bool, default=False
        Examine the corpus and the further forms under the first seed only: harm and scales are measured over all seeds
        all the same.
    fresh : bool, default=False
        Draw other seeds than those of the last run, if that came out clean.
    fail_fast : bool, default=False
        Stop at the first tree that is not as expected.
    recorded : bool, default=False
        Believe the record of a clean validation that lies beside the solution, take its seeds, and ask only what
        changed since then.
    write : bool, default=False
        Keep such a record, and the measured harm, beside the solution where nothing is wanting; the harm also where
        something is.
    watch : callable, optional
        Told of each examination that ended.
    tell : callable, optional
        Told beforehand of each problem that shows without examining anything, which takes long, and of missing tools.

    Returns
    -------
    validation : Validation
        Every problem of the exercise is in it, first the one to mend first.

    Raises
    ------
    SandboxError
        If nothing here can run a submission.
    """
    started = time.monotonic()
    if cluster is None or exercise.manifest.contract.notebook:  # a notebook runs in a kernel here as well
        ensure_works(backend)
    job = ValidationJob(exercise, backend, _place(exercise, environment), cache, recorded=recorded)
    record = read_record(exercise) if recorded else VerdictRecord()
    try:
        checks, trees = job.checks(), plan(exercise)
        if backend.protected and not statistical:
            trees = (*trees, *forged(exercise))
        once = once or record.once
        if once:
            trees = tuple(tree if tree.kind in DRAWN else replace(tree, once=True) for tree in trees)
        drawn = _seeds(exercise, seeds, record, cache=cache, fresh=fresh)
        if statistical:
            job = _only_varying(job, trees, drawn)
            checks = job.checks()
        early = [] if statistical else _told_beforehand(exercise, checks, tell)
        first = _First(exercise, checks, trees) if fail_fast else None
        seen = run(job, trees, drawn, workers=workers, cluster=cluster, watch=watch, enough=first)
        if first and first.found:
            planned = sum(len(tree.seeds(drawn)) for tree in trees)
            found = _cut_short(job, first.found, early, examined=len(seen), planned=planned)
        else:
            found = _validated(job, checks, trees, seen, seeds=drawn, early=early, full=not statistical)
    except BankError as error:
        return _stopped(job, error)
    finally:
        if cache is not None:
            Store(cache / "questions").prune()
    costs = _costs(seen, len(trees), time.monotonic() - started)
    found = _with_costs(exercise, found, costs)
    if found.clean and isinstance(seeds, int):
        note_clean(exercise, drawn, cache)
    if write and not statistical:
        _keep_beside(job, found, trees, drawn, once=once)
    return found


def _keep_beside(
    job: ValidationJob, found: Validation, trees: Sequence[Tree], seeds: Sequence[int], *, once: bool
) -> None:
    """Keep beside the solution what was measured, and where nothing is wanting what was seen."""
    if not found.stopped:
        write_harm(job.exercise, found.harm, clean=found.clean)
        ledger = job.ledger()
        if found.clean and ledger:
            write_record(job.exercise, ledger, trees, seeds, once=once)


def _seeds(
    exercise: Exercise, seeds: int | Sequence[int], record: VerdictRecord, *, cache: Path | None, fresh: bool
) -> tuple[int, ...]:
    """Take the seeds that are named, those of the record, or those of the last run on this machine."""
    if not isinstance(seeds, int):
        return tuple(seeds)
    return record.seeds or choose_seeds(exercise, seeds, cache, fresh=fresh)


def _place(exercise: Exercise, environment: Environment | None) -> Environment:
    """Find where submissions run, with the packages that they may use."""
    packages = exercise.manifest.environment.packages
    where = environment or find(exercise.bank, packages=packages)
    return replace(where, packages=where.packages or packages)


def _told_beforehand(
    exercise: Exercise, checks: Sequence[Check], tell: Callable[[Problem | str], None] | None
) -> list[Problem]:
    """Gather what shows without running a submission, and tell each thing as soon as it does."""
    found = []
    beforehand: Iterator[Problem | str] = chain(unasked(), _beforehand(exercise, checks))
    for one in beforehand:
        if tell:
            tell(one)
        if isinstance(one, Problem):
            found.append(one)
    return found


def _beforehand(exercise: Exercise, checks: Sequence[Check]) -> Iterator[Problem]:
    """Name everything that shows without running a submission, what takes least first."""
    yield from size_budget.over_budget(exercise)
    yield from leaks(exercise, checks)
    yield from unfit_pull_request(exercise)
    yield from incomplete(exercise, checks, roles_of(exercise, checks))
    yield from giveaways(exercise)


@dataclass(frozen=True)
class _Wrong:
    """A tree that is not as expected."""

    seen: Seen
    table: Table
    problems: Sequence[Problem]


class _First:
    """Wait for the first tree that is not as expected."""

    def __init__(self, exercise: Exercise, checks: Sequence[Check], trees: Sequence[Tree]) -> None:
        self.exercise = exercise
        self.checks = checks
        self.trees = {tree.name: tree for tree in trees}
        self.found: _Wrong | None = None

    def __call__(self, seen: Seen) -> bool:
        """Judge one examination; whether it is not as expected."""
        trees, roles = [self.trees[seen.tree]], roles_of(self.exercise, self.checks)
        table = expected_against_seen.tabulate(trees, self.checks, roles, [seen], [seen.seed])
        problems = expected_against_seen.examination(self.exercise, table, trees, roles, [seen])
        if problems:
            self.found = _Wrong(seen, table, problems)
        return bool(problems)


def _cut_short(
    job: ValidationJob, wrong: _Wrong, early: Sequence[Problem], *, examined: int, planned: int
) -> Validation:
    """Tell of the tree that is not as expected, and of what showed beforehand."""
    (row,) = wrong.table.rows
    states = {cell.check for cell in row.cells if cell.state in {"unexpected", "broken", "flip"}}
    told = states or {
        name for problem in wrong.problems for name in wrong.table.checks if name in problem.what
    }
    stopped = Stopped(
        tree=wrong.seen.tree,
        seed=wrong.seen.seed,
        verdicts=tuple(verdict for name, verdict in wrong.seen.verdicts.items() if name in told),
        examined=examined,
        planned=planned,
    )
    problems = _in_order([*wrong.problems, *early])
    return _about(
        job, problems=problems, table=wrong.table, stopped=stopped, sizes=size_budget.sizes(job.exercise)
    )


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: GATES.index(problem.gate)))


def _only_varying(job: ValidationJob, trees: Sequence[Tree], seeds: Sequence[int]) -> ValidationJob:
    fixed = [tree for tree in trees if tree.kind == "fixed"]
    return replace(job, only=varying(run(job, fixed, seeds[:PILOT], workers=1)))


def _validated(
    job: ValidationJob,
    checks: Sequence[Check],
    trees: Sequence[Tree],
    seen: Sequence[Seen],
    *,
    seeds: Sequence[int],
    early: Sequence[Problem],
    full: bool,
) -> Validation:
    exercise = job.exercise
    roles = roles_of(exercise, checks)
    table = expected_against_seen.tabulate(trees, checks, roles, seen, seeds)
    honest = {tree.name: tree for tree in trees if tree.kind != "forge"}
    judged = [item for item in seen if item.tree in honest]
    margins = measure_margins([*honest.values()], roles, judged)
    harm = measure_harm(exercise, seen) if full else Harm()
    problems = [*expected_against_seen.judge(exercise, table, trees, roles, seen), *early]
    if full:
        problems += contradictions(exercise, harm, seen)
        problems += _besides(job, trees, seen)
    return _about(
        job,
        problems=_in_order(problems),
        notes=(*_alike(exercise), *unasked(), *_unforged(job), *_wavering(table), *_loose(margins)),
        table=table,
        margins=margins,
        narrow=narrow_margins([*honest.values()], roles, judged),
        harm=harm,
        sizes=size_budget.sizes(exercise),
    )


def _besides(job: ValidationJob, trees: Sequence[Tree], seen: Sequence[Seen]) -> Iterator[Problem]:
    """Look at everything besides verdicts and what they are worth that takes a submission to run."""
    exercise = job.exercise
    yield from unused(exercise, seen)
    yield from compare_kernels(job, [tree for tree in trees if tree.kind in {"fixed", "shipped", "form"}])
    yield from visible_tests(exercise, job.environment)


def _stopped(job: ValidationJob, error: BankError) -> Validation:
    """Name the one problem of an exercise that cannot even be laid out."""
    problem = Problem(gate="bank", what=error.message, fix=error.fix)
    return _about(job, problems=(problem,), table=Table(seeds=(), checks=(), rows=()))


def _about(job: ValidationJob, **found: Any) -> Validation:
    """Put what was found beside what it was found about."""
    exercise = job.exercise
    return Validation(
        kit=__version__,
        slug=exercise.slug,
        version=exercise.manifest.version,
        digest=exercise.digest,
        environment=job.environment.digest,
        backend=job.backend.name,
        **found,
    )


def _alike(exercise: Exercise) -> Iterator[str]:
    """Say how much of a derived exercise could still be looked up."""
    said = describe(exercise)
    if said:
        yield said


def _unforged(job: ValidationJob) -> Iterator[str]:
    """Say that nothing was forged where a memory could reach what is outside."""
    if not job.backend.protected:
        yield f"the forge corpus was left out: without a sandbox ({job.backend.name}) it would write anywhere"


def _wavering(table: Table) -> Iterator[str]:
    """Name endings that differ over seeds without changing what a grade says."""
    for row in table.rows:
        for cell in row.cells:
            if cell.state in {"expected", "free"} and len(set(cell.seen)) > 1:
                yield f"{row.tree}: `{cell.check}` ends in several ways over the seeds: {cell.seen}"


def _loose(margins: Sequence[Margin]) -> Iterator[str]:
    for margin in margins:
        rates = margin.false_fail
        if rates and rates.trials >= ENOUGH and rates.normal is not None and rates.normal > FALSE_FAILS:
            yield (
                f"`{margin.check}`, {margin.measured}: a normal tail beyond its limit would reject {rates.normal:.1g} "
                f"of correct work, where {FALSE_FAILS:g} is the most; show its derivation, or widen it"
            )


def _with_costs(exercise: Exercise, found: Validation, costs: Costs) -> Validation:
    """Add what a validation cost, and what its tier says of that."""
    told = list(size_budget.too_dear(exercise, costs.processor_a_grade))
    problems = [one for one in told if isinstance(one, Problem)]
    notes = [one for one in told if isinstance(one, str)]
    return found.model_copy(
        update={
            "costs": costs,
            "notes": (*found.notes, *notes),
            "problems": _in_order([*found.problems, *problems]),
        }
    )


def _costs(seen: Sequence[Seen], trees: int, wall: float) -> Costs:
    fixed = [item.processor for item in seen if item.tree == "fixed"]
    return Costs(
        trees=trees,
        examinations=len(seen),
        kept=sum(item.kept for item in seen),
        processor_a_grade=round(sum(fixed) / max(1, len(fixed)), 3),
        processor=round(sum(item.processor for item in seen), 3),
        wall=round(wall, 3),
        sum_of_gradings=round(sum(item.wall for item in seen if not item.kept), 3),
    )
