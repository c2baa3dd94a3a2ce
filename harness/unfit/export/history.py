"""History: the commits that led to a project, each a part of what is handed out and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from unfit.export.commit_trees import Growing, Teller
from unfit.export.contents import drawn
from unfit.planting import plant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from unfit.bank import Commit, Exercise

__all__ = ["Snapshot", "grown", "history_of", "only_there", "snapshots"]


@dataclass(frozen=True)
class Snapshot:
    """One commit, with all files as it leaves them.

    Parameters
    ----------
    author : str
        Name and address.
    at : datetime
    message : str
    tree : mapping of str to bytes
        Content by path.
    """

    author: str
    at: datetime
    message: str
    tree: Mapping[str, bytes]


def history_of(
    exercise: Exercise, defects: Iterable[str], *, seed: int | None = None
) -> tuple[Snapshot, ...]:
    """Make the commits that led to a form of an exercise.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str
        Those of the form.
    seed : int, optional
        Draws the shipped data anew.

    Returns
    -------
    history : tuple of Snapshot
        Oldest first; the last one holds the project as planted, byte for byte. A commit that brings nothing to this
        form is left out. Empty where the exercise has no ``history.toml``, or its hidden half is not here.

    Raises
    ------
    ManifestError
        If ``history.toml`` names what the project does not have, or leaves a file out.
    """
    manifest = exercise.history
    if manifest is None:
        return ()
    growing = Growing(*grown(exercise, defects, seed))
    teller = Teller(exercise, manifest.commits, plant(exercise, ()), growing)
    return snapshots(manifest.people, zip(manifest.commits, teller.trees(), strict=True), {})


def grown(
    exercise: Exercise, defects: Iterable[str], seed: int | None
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Make a form's project, and name the folders that it is imported from."""
    tree = plant(exercise, defects)
    if seed is not None:
        tree |= drawn(exercise, seed, tree)
    return tree, exercise.manifest.contract.paths


def snapshots(
    people: Mapping[str, str], told: Iterable[tuple[Commit, Mapping[str, bytes]]], before: Mapping[str, bytes]
) -> tuple[Snapshot, ...]:
    """Keep the commits that change something."""
    found: list[Snapshot] = []
    for commit, files in told:
        if files != (found[-1].tree if found else before):
            found.append(Snapshot(people[commit.by], commit.at, commit.message.rstrip(), dict(files)))
    return tuple(found)


def only_there(history: Sequence[Snapshot], tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Collect what the commits say and the last tree does not: their messages, and files that change until then.

    Parameters
    ----------
    history : sequence of Snapshot
    tree : mapping of str to bytes
        What is handed out.

    Returns
    -------
    texts : dict of str to bytes
        By commit and path, in words.
    """
    texts: dict[str, bytes] = {}
    before: Mapping[str, bytes] = {}
    for number, snapshot in enumerate(history, start=1):
        texts[f"commit {number}, its message"] = f"{snapshot.author}\n{snapshot.message}".encode()
        for path, content in snapshot.tree.items():
            if content not in (before.get(path), tree.get(path)):
                texts[f"commit {number}, {path}"] = content
        before = snapshot.tree
    return texts
