"""Handed out: every file that a candidate was sent but the receipt, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unfit.bank.trees import digest_of
from unfit.export.contents import CandidateTerms, contents

if TYPE_CHECKING:
    from unfit.bank import Exercise
    from unfit.export.ledger import ExportEntry

__all__ = ["handed_out", "is_certain"]


def handed_out(exercise: Exercise, entry: ExportEntry) -> dict[str, bytes]:
    """Make the tree of an export again: the same entry, exercise and kit give the same bytes.

    The default form needs no hidden half.

    Parameters
    ----------
    exercise : Exercise
    entry : ExportEntry
        Of the ledger, or a `Receipt`.

    Returns
    -------
    tree : dict of str to bytes
        By path, without ``receipt.json``.
    """
    terms = CandidateTerms(
        minutes=entry.minutes or exercise.manifest.minutes,
        assistants=entry.assistants,
        pull_request=entry.pull_request and exercise.has_pull_request,
    )
    as_shipped = entry.form == "default" and (
        not exercise.complete or not entry.defects or set(entry.defects) == set(exercise.default)
    )
    planted = entry.defects or (exercise.form(entry.form).defects if exercise.complete else ())
    return contents(exercise, None if as_shipped else planted, terms=terms, seed=entry.seed)


def is_certain(tree: dict[str, bytes], entry: ExportEntry) -> bool:
    """Tell whether a tree made again is the one that was handed out, whatever changed in the exercise or the kit."""
    return bool(entry.tree) and digest_of(tree) == entry.tree
