"""Export: an exercise becomes a candidate's own repository."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Literal

from unfit.bank.trees import digest_of
from unfit.errors import UsageError
from unfit.export.contents import Terms, as_exported, contents
from unfit.export.fitting import fitted
from unfit.export.handed import handed_out
from unfit.export.history import history_of, only_there
from unfit.export.ledger import (
    RECEIPT,
    Entry,
    Receipt,
    called,
    carried_by,
    enter,
    entries,
    named_by,
    planted_by,
    read_receipt,
    receipt_file,
    strike,
)
from unfit.export.packing import Format, check_place, pack
from unfit.export.secrecy import refuse_leaks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from unfit.bank import Exercise

__all__ = [
    "RECEIPT",
    "Entry",
    "Receipt",
    "Terms",
    "as_exported",
    "called",
    "carried_by",
    "contents",
    "entries",
    "export",
    "fitted",
    "handed_out",
    "history_of",
    "named_by",
    "only_there",
    "planted_by",
    "read_receipt",
    "strike",
]


def export(
    exercise: Exercise,
    to: Path,
    *,
    ledger: Path,
    candidate: str = "",
    form: str | None = None,
    defects: Sequence[str] | None = None,
    seed: int | None = None,
    minutes: int | None = None,
    assistants: Literal["allowed", "none"] = "allowed",
    format: Format = "dir",  # noqa: A002 - the option's name
) -> Receipt:
    """Write what a candidate gets, and enter it into the ledger.

    Parameters
    ----------
    exercise : Exercise
    to : Path
        A new folder, or with ``format="zip"`` a new file.
    ledger : Path
        The interviewer's folder with the key and the list of exports; made where it is missing.
    candidate : str
        Goes into the ledger only.
    form : str, optional
        One of the exercise's forms; the default one where not given.
    defects : sequence of str, optional
        The defects of such a form, in place of its name.
    seed : int, optional
        Draws the shipped data anew, where the exercise's world can.
    minutes : int, optional
        The exercise's own by default.
    assistants : {"allowed", "none"}
    format : {"dir", "git", "zip"}
        A folder, a repository with the exercise's history, or an archive.

    Returns
    -------
    receipt : Receipt

    Raises
    ------
    UsageError
        If there is no such form, `to` exists, lies within the bank's exercises or cannot be written.
    BankError
        If the export would give something away.
    """
    name, planted = _form(exercise, form, defects)
    check_place(to, bank=exercise.bank, format=format)
    entry = Entry(
        exercise=exercise.slug,
        version=exercise.manifest.version,
        form=name,
        defects=planted,
        seed=seed,
        minutes=minutes,
        assistants=assistants,
        nonce=secrets.token_hex(16),
        candidate=candidate,
    )
    tree = handed_out(exercise, entry)
    entry = entry.model_copy(update={"tree": digest_of(tree)})
    history = history_of(exercise, planted, seed=seed) if format == "git" else ()
    refuse_leaks(tree | only_there(history, tree), exercise, planted)
    tree[RECEIPT] = receipt_file(entry, ledger)
    enter(entry, ledger)
    pack(tree, to, format=format, name=re.sub(r"\W", "_", exercise.slug), history=history)
    return Receipt(**entry.model_dump(), verified=True, certain=True)


def _form(exercise: Exercise, form: str | None, defects: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """Find the form that is meant; without the hidden half only the default one can be named."""
    if not exercise.complete:
        if form not in {None, "default"} or defects is not None:
            raise UsageError(
                f"{exercise.slug}: the hidden half is not here, so only the default form can be exported",
                fix="run this where the whole bank is, or leave --form and --defects out",
            )
        return "default", ()
    if defects is None:
        chosen = exercise.form(form or "default")
        return chosen.name, chosen.defects
    if form is not None:
        raise UsageError("--form and --defects both say what to plant", fix="give one of them")
    wanted = frozenset(exercise.defect(name.strip()).id for name in defects)
    for known in exercise.forms:
        if frozenset(known.defects) == wanted:
            return known.name, known.defects
    raise UsageError(
        f"{exercise.slug}: no form holds exactly {', '.join(sorted(wanted))}, and only proven forms are handed out",
        fix=f"list it as a [[form]] and validate it, or {exercise.forms_named()}",
    )
