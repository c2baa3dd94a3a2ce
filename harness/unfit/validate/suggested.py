"""Trying suggestions: what an exercise's own checks and visible tests say of a mistake before it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from unfit.bank import Exercise
from unfit.grades import Outcome
from unfit.operators.offering import Trial
from unfit.operators.suggestions import Suggestion
from unfit.planting import shipped_tree
from unfit.sandbox import Backend, Environment
from unfit.validate.examining import ValidationJob, Watcher, run
from unfit.validate.planning import Tree
from unfit.validate.validation import Seen
from unfit.validate.visible_tests import failure_of_tests

__all__ = ["tried"]


def tried(
    exercise: Exercise,
    chosen: Sequence[Suggestion],
    *,
    backend: Backend,
    environment: Environment,
    seed: int,
    workers: int = 2,
    cache: Path | None = None,
    watch: Watcher | None = None,
) -> dict[int, Trial]:
    """Plant each suggestion alone, and hold it against every check and visible test that the exercise has.

    Parameters
    ----------
    exercise : Exercise
    chosen : sequence of Suggestion
    backend : Backend
    environment : Environment
    seed : int
        The same for the fixed project and for each planted one.
    workers : int, default=2
        Processes that examine side by side.
    cache : Path, optional
        Where answers are kept, so that a check that reads nothing of what changed runs once.
    watch : callable, optional
        Told of each examination that ended.

    Returns
    -------
    trials : dict of int to Trial
        By number.
    """
    fixed = shipped_tree(exercise, ())
    trees = [Tree("fixed", "sample", fixed)]
    trees += [Tree(f"suggestion {one.number}", "sample", one.planted_in(fixed)) for one in chosen]
    seen: dict[str, Seen] = {}
    has_checks = bool(exercise.check_names)
    if has_checks:
        done = run(
            ValidationJob(exercise, backend, environment, cache), trees, [seed], workers=workers, watch=watch
        )
        seen = {one.tree: one for one in done}
    tests = any(path.startswith("tests/") and path.endswith(".py") for path in fixed)
    found = {}
    for one, tree in zip(chosen, trees[1:], strict=True):
        paths = exercise.manifest.contract.paths
        found[one.number] = Trial(
            fails=_fails(seen["fixed"], seen[tree.name]) if seen else (),
            never=_not_passed(seen["fixed"]) if seen else (),
            visible=failure_of_tests(tree.files, environment.python, paths) if tests else "",
        )
    return found


def _fails(fixed: Seen, planted: Seen) -> tuple[str, ...]:
    """Name the checks that tell the two apart; one that is unproven only lacks a guard, which is named itself."""
    return tuple(
        name
        for name, verdict in planted.verdicts.items()
        if fixed.verdicts[name].outcome is Outcome.PASSED
        and verdict.outcome not in {Outcome.PASSED, Outcome.UNPROVEN}
    )


def _not_passed(fixed: Seen) -> tuple[str, ...]:
    return tuple(name for name, verdict in fixed.verdicts.items() if verdict.outcome is not Outcome.PASSED)
