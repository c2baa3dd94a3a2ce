"""Trying: one tree, some checks, at once; for whoever writes an experiment."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unfit.bank import Exercise, read_tree
from unfit.bank.nearest_word import nearest
from unfit.checks import Check, load_checks
from unfit.corpus import lay
from unfit.environment import find
from unfit.errors import UsageError
from unfit.examination import examine
from unfit.grades import Outcome, Verdict
from unfit.planting import shipped_tree, write_tree
from unfit.report.words import why
from unfit.sandbox import Backend
from unfit.submission import take, wanted

__all__ = ["Tried", "attempt", "chosen", "refused", "tree_of"]


@dataclass(frozen=True)
class Tried:
    """How a tree fared.

    Parameters
    ----------
    tree : str
        What it is, in words.
    seed : int
        Gives the same verdicts again.
    verdicts : tuple of Verdict
        In the order in which the checks ran; what a check needs stands before it.
    seconds : float
        Processor seconds of the submission.
    """

    tree: str
    seed: int
    verdicts: tuple[Verdict, ...]
    seconds: float


def tree_of(
    exercise: Exercise, *, plant: Sequence[str] = (), entry: str = "", submission: Path | None = None
) -> tuple[str, dict[str, bytes]]:
    """Make the tree that is asked about, and say what it is.

    Parameters
    ----------
    exercise : Exercise
    plant : sequence of str
        Defects; none of them is the fixed project.
    entry : str
        A corpus entry instead, such as ``"wrong/one_at_a_time"``.
    submission : Path, optional
        A folder or an archive instead.

    Raises
    ------
    UsageError
        If more than one is named, or one that is not there.
    """
    if sum(map(bool, (plant, entry, submission))) > 1:
        raise UsageError("one tree at a time", fix="name --plant, --corpus or --submission, and no other")
    for name in plant:
        exercise.defect(name)
    if submission is not None:
        with tempfile.TemporaryDirectory(prefix="unfit-try-") as folder:
            taken = take(submission, Path(folder, "copy"), wanted=wanted(exercise))
            return f"the submission {submission.name}", read_tree(taken.root)
    if entry:
        known = {f"{one.kind}/{one.name}": one.folder for one in exercise.corpus}
        if entry not in known:
            raise UsageError(
                f"`{exercise.slug}` has no corpus entry `{entry}`{nearest(entry, known)}",
                fix=f"choose one of solutions/{exercise.slug}/corpus"
                if known
                else "write one into solutions/.../corpus first",
            )
        return f"the corpus entry {entry}", lay(exercise, known[entry])
    said = " and ".join(f"`{name}`" for name in plant)
    return f"the project with {said}" if plant else "the fixed project", shipped_tree(exercise, tuple(plant))


def chosen(exercise: Exercise, names: Sequence[str], *, plant: Sequence[str] = ()) -> tuple[Check, ...]:
    """Choose checks by name, with all that they need; those of the planted defects where none is named.

    Raises
    ------
    UsageError
        If there is no check of that name.
    """
    known = {check.name: check for check in load_checks(exercise.solution)}
    waiting = (
        list(names) or [name for defect in plant for name in exercise.defect(defect).checks] or list(known)
    )
    taken: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in known:
            raise UsageError(
                f"`{exercise.slug}` has no check `{name}`{nearest(name, known)}",
                fix="choose one of the exercise's checks",
            )
        if name not in taken:
            taken.add(name)
            waiting += known[name].needs
    return tuple(check for name, check in known.items() if name in taken)


def attempt(
    exercise: Exercise,
    tree: Mapping[str, bytes],
    checks: Sequence[Check],
    *,
    backend: Backend,
    seed: int,
    said: str,
) -> Tried:
    """Ask some checks about a tree, in the sandbox.

    Parameters
    ----------
    exercise : Exercise
    tree : mapping of str to bytes
    checks : sequence of Check
        From `chosen`.
    backend : Backend
    seed : int
    said : str
        What the tree is, in words.
    """
    environment = find(exercise.bank, packages=exercise.manifest.environment.packages)
    with tempfile.TemporaryDirectory(prefix="unfit-try-") as folder:
        write_tree(tree, Path(folder, "tree"))
        paths = exercise.manifest.contract.paths
        with backend.open(Path(folder, "tree"), environment, paths=paths) as worker:
            seen = examine(exercise, worker, seed=seed, checks=checks)
    return Tried(said, seed, tuple(seen.verdicts.values()), seen.processor)


def refused(exercise: Exercise, names: Sequence[str], *, backend: Backend, seed: int = 1) -> dict[str, str]:
    """Hold checks against the fixed project; return why those that do not pass there do not, by name.

    Parameters
    ----------
    exercise : Exercise
    names : sequence of str
        Of the checks.
    backend : Backend
    seed : int, default=1
    """
    said, tree = tree_of(exercise)
    done = attempt(exercise, tree, chosen(exercise, names), backend=backend, seed=seed, said=said)
    return {
        verdict.check: f"{verdict.outcome}: {verdict.detail if verdict.unjudged else why(verdict)}"
        for verdict in done.verdicts
        if verdict.outcome is not Outcome.PASSED and verdict.check in names
    }
