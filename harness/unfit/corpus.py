"""The corpus: fixes that somebody could hand in, each laid over the tree that it changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unfit.bank import CorpusEntry, Exercise, Expectation, read_manifest
from unfit.bank.exercises import EDITS, EXPECT, overlay_of
from unfit.bank.nearest_word import nearest
from unfit.bank.trees import is_junk
from unfit.errors import BankError, PlantingError
from unfit.planting import shipped_tree
from unfit.planting.patching import as_far_as_it_fits, patched

__all__ = ["TO_FILL_IN", "Laid", "base_of", "entries", "expectation", "lay", "lay_what_fits", "sample"]

TO_FILL_IN = "FILL IN: "
"""How the reason of a drafted entry begins until its author says better."""
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
        If the overlay holds junk, changes nothing, or deletes or repeats a file in vain; or if one of its edits does
        not fit any more.
    """
    shown = exercise.name_of(folder)
    if not folder.is_dir():
        raise BankError(f"{shown}: there is no such overlay", fix="name a folder of the corpus, or `sample`")
    _refuse_junk(folder, shown)
    expect = expectation(exercise, folder)
    base, overlay, edits = base_of(exercise, expect), overlay_of(folder), exercise.replacements(folder)
    delete = expect.delete if expect else ()
    _refuse_vain(base, overlay, delete, shown, changed={edit.file for edit in edits})
    try:
        changed = patched(base, [edit.edit for edit in edits], shown=f"{shown}/{EDITS}")
    except PlantingError as error:
        fix = f"{error.fix}; or mend it by hand: unfit corpus {exercise.slug} {folder.parent.name} {folder.name}"
        raise PlantingError(error.message, fix=fix) from None
    return _joined(changed, overlay, delete)


@dataclass(frozen=True)
class Laid:
    """What an overlay stands for, as far as it fits.

    Parameters
    ----------
    tree : dict of str to bytes
    misfits : tuple of str
        What does not fit any more, a sentence each.
    """

    tree: dict[str, bytes]
    misfits: tuple[str, ...]


def lay_what_fits(exercise: Exercise, folder: Path) -> Laid:
    """Make what an overlay stands for as far as it fits, for its author to mend; see `lay`."""
    expect = expectation(exercise, folder)
    edits = [edit.edit for edit in exercise.replacements(folder)]
    shown = f"{exercise.name_of(folder)}/{EDITS}"
    changed, misfits = as_far_as_it_fits(base_of(exercise, expect), edits, shown=shown)
    tree = _joined(changed, overlay_of(folder), expect.delete if expect else ())
    return Laid(tree, tuple(error.message for error in misfits))


def _joined(base: dict[str, bytes], overlay: dict[str, bytes], delete: tuple[str, ...]) -> dict[str, bytes]:
    kept = {path: content for path, content in base.items() if path not in delete}
    return dict(sorted((kept | overlay).items()))


def base_of(exercise: Exercise, expect: Expectation | None) -> dict[str, bytes]:
    """Make what an overlay is laid over."""
    if expect is None:
        return shipped_tree(exercise)
    if expect.base == "fixed" or not exercise.forms:
        return shipped_tree(exercise, ())
    return shipped_tree(exercise, exercise.form(expect.form).defects)


def _refuse_junk(folder: Path, shown: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.name == COMPILED:
            continue
        if is_junk(path.name) and not any(is_junk(part) for part in path.relative_to(folder).parent.parts):
            raise BankError(
                f"{shown}: {path.relative_to(folder).as_posix()} was left behind by a tool", fix="delete it"
            )


def _refuse_vain(
    base: dict[str, bytes],
    overlay: dict[str, bytes],
    delete: tuple[str, ...],
    shown: str,
    *,
    changed: set[str],
) -> None:
    for path in sorted(changed.intersection((*overlay, *delete))):
        raise BankError(
            f"{shown}/{EDITS}: changes {path}, which the entry brings whole or deletes",
            fix="drop its edits, or let the edits make it",
        )
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
    if not overlay and not delete and not changed:
        raise BankError(f"{shown}: changes nothing", fix="put the files there that the fix changes")
