"""The corpus: fixes that somebody could hand in, each laid over the tree that it changes."""

from __future__ import annotations

from pathlib import Path

from unfit.bank import CorpusEntry, Exercise, Expectation, read_manifest, read_tree
from unfit.bank.suggesting import nearest
from unfit.bank.trees import is_junk
from unfit.errors import BankError
from unfit.planting import shipped

__all__ = ["entries", "expectation", "lay", "sample"]

EXPECT = "expect.toml"
COMPILED = "__pycache__"
"""What installing a wheel puts beside every source, in a bundled bank too."""


def entries(exercise: Exercise) -> tuple[CorpusEntry, ...]:
    """Every corpus entry of an exercise, right ones first."""
    return exercise.corpus


def sample(exercise: Exercise) -> Path | None:
    """Find the overlay of the sample submission, where the exercise has one."""
    folder = exercise.solution / "sample"
    return folder if folder.is_dir() else None


def expectation(exercise: Exercise, folder: Path) -> Expectation | None:
    """Read how an overlay must be judged; a sample need not say."""
    path = folder / EXPECT
    if not path.is_file():
        return None
    return read_manifest(path, Expectation, shown=exercise.name_of(path))


def lay(exercise: Exercise, folder: Path) -> dict[str, bytes]:
    """Make the submission that an overlay stands for.

    Parameters
    ----------
    exercise : Exercise
    folder : Path
        A corpus entry, or the sample submission.

    Returns
    -------
    tree : dict of str to bytes
        Content by relative path, sorted.

    Raises
    ------
    BankError
        If the overlay holds junk, changes nothing, or deletes or repeats a file in vain.
    """
    shown = exercise.name_of(folder)
    if not folder.is_dir():
        raise BankError(f"{shown}: there is no such overlay", fix="name a folder of the corpus, or `sample`")
    _refuse_junk(folder, shown)
    expect = expectation(exercise, folder)
    base = _base(exercise, expect)
    overlay = {path: content for path, content in read_tree(folder).items() if path != EXPECT}
    delete = expect.delete if expect else ()
    _refuse_vain(base, overlay, delete, shown)
    kept = {path: content for path, content in base.items() if path not in delete}
    return dict(sorted((kept | overlay).items()))


def _base(exercise: Exercise, expect: Expectation | None) -> dict[str, bytes]:
    if expect is None:
        return shipped(exercise)
    if expect.base == "fixed" or not exercise.forms:
        return shipped(exercise, ())
    return shipped(exercise, exercise.form(expect.form).defects)


def _refuse_junk(folder: Path, shown: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.name == COMPILED:
            continue
        if is_junk(path.name) and not any(is_junk(part) for part in path.relative_to(folder).parent.parts):
            raise BankError(
                f"{shown}: {path.relative_to(folder).as_posix()} was left behind by a tool", fix="delete it"
            )


def _refuse_vain(
    base: dict[str, bytes], overlay: dict[str, bytes], delete: tuple[str, ...], shown: str
) -> None:
    for path in delete:
        if path not in base:
            raise BankError(
                f"{shown}/{EXPECT}: `delete` names {path}, which the base does not have{nearest(path, base)}",
                fix="mend the path in `delete`",
            )
        if path in overlay:
            raise BankError(
                f"{shown}/{EXPECT}: `delete` names {path}, which the overlay brings again",
                fix="drop it from `delete`; a file of the overlay replaces the base's",
            )
    for path, content in overlay.items():
        if base.get(path) == content:
            raise BankError(
                f"{shown}: {path} is the same as in the base, so it says nothing",
                fix="delete it from the overlay, or make the change that it was meant to show",
            )
    if not overlay and not delete:
        raise BankError(f"{shown}: changes nothing", fix="put the files there that the fix changes")
