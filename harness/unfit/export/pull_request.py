"""Pull request: a project before its last change, and the change as a branch that somebody wants to merge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unfit.errors import ManifestError
from unfit.export.commit_trees import Growing, Teller, undo
from unfit.export.history import grown, snapshots
from unfit.planting import plant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from unfit.bank import Exercise, PullRequest
    from unfit.export.history import Snapshot

__all__ = ["Branched", "branched"]


@dataclass(frozen=True)
class Branched:
    """A project before its last change, and the change as a branch.

    Parameters
    ----------
    main : tuple of Snapshot
        Oldest first; the branch begins at the last one.
    branch : tuple of Snapshot
        Oldest first; the last one holds the project as planted, byte for byte.
    """

    main: tuple[Snapshot, ...]
    branch: tuple[Snapshot, ...]


def branched(exercise: Exercise, defects: Iterable[str], *, seed: int | None = None) -> Branched:
    """Make the commits of a form's pull request: those of ``main``, and those of the branch.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str
        Those of the form.
    seed : int, optional
        Draws the shipped data anew.

    Raises
    ------
    UsageError
        If the exercise has no pull request.
    ManifestError
        If ``history.toml`` names what the project does not have, or ``main`` would need what the branch brings.
    """
    request, manifest = exercise.pull_request, exercise.history
    assert manifest is not None
    fixed, (tree, roots) = plant(exercise, ()), grown(exercise, defects, seed)
    growing = Growing(tree, roots)
    branch = Teller(exercise, request.commits, fixed, growing, key="pull_request.commit", alone=False)
    base = _base(request, branch, Growing(tree | _texts(request), roots))
    branch.keep_others(growing, passing=request.before)
    main = Teller(exercise, manifest.commits, fixed, Growing(base, roots), strict=False)
    told = zip(manifest.commits, main.trees(), strict=True)
    before = snapshots(manifest.people, [one for one in told if one[0] in manifest.on_main], {})
    if not before:
        raise ManifestError(
            f"{branch.shown}: the branch of the pull request brings everything, and `main` would be empty",
            fix="leave a part of the project to `main`",
        )
    trees = [
        files | {path: text for path, text in _texts(request).items() if branch.first(path) > number}
        for number, files in enumerate(branch.trees())
    ]
    after = snapshots(manifest.people, zip(request.commits, trees, strict=True), base)
    return Branched((*before[:-1], replace(before[-1], tree=base)), after)


def _texts(request: PullRequest) -> dict[str, bytes]:
    """Read what ``main`` holds in files that the branch brings."""
    return {path: text.encode() for path, text in request.before.items()}


def _base(request: PullRequest, branch: Teller, growing: Growing) -> dict[str, bytes]:
    """Find what ``main`` holds: all that the branch does not bring, and what it replaces as it was."""
    for path in request.before:
        if branch.brought.get(path, ()) is not None:
            raise ManifestError(
                f"{branch.shown}: `pull_request.before` names {path}, which no commit of the branch brings whole",
                fix="name the file in `files` of one of the branch's commits",
            )
    branch.keep_others(growing, passing=())
    for path in request.before:
        growing.bring(path)
    for path, names in branch.brought.items():
        if path not in request.before and growing.holds(path, names):
            raise ManifestError(
                f"{branch.shown}: the branch brings {path}{_in_words(names)}, and something on `main` uses it",
                fix="let the branch bring what uses it as well, or say in `pull_request.before` what stood there",
            )
    files = growing.files()
    for commit in reversed(request.commits):
        for change in reversed(commit.changes):
            undo(files, change)
    return dict(sorted(files.items()))


def _in_words(names: Collection[str] | None) -> str:
    return "" if names is None else f" ({', '.join(sorted(names))})"
