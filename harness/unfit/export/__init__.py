"""Export: an exercise becomes a candidate's own repository."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from unfit.bank.trees import digest_of
from unfit.errors import UsageError
from unfit.export.contents import DESCRIPTION, CandidateTerms, as_exported, contents, dressed
from unfit.export.form_recognition import fitted
from unfit.export.history import history_of, only_there
from unfit.export.ledger import ExportEntry, called, enter, entries, strike
from unfit.export.packing import MAIN, Format, check_place, pack, with_task
from unfit.export.pull_request import Branched, branched
from unfit.export.receipts import (
    RECEIPT,
    Receipt,
    carried_by,
    named_by,
    planted_by,
    read_receipt,
    receipt_file,
)
from unfit.export.secrecy import refuse_leaks
from unfit.export.tree_handed_out import handed_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from unfit.bank import Exercise
    from unfit.export.history import Snapshot

__all__ = [
    "DESCRIPTION",
    "RECEIPT",
    "Branched",
    "CandidateTerms",
    "ExportEntry",
    "Receipt",
    "as_exported",
    "branched",
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
    pull_request: bool = False,
    format: Format | None = None,  # noqa: A002 - the option's name
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
    pull_request : bool, default=False
        Hand out a repository in which the project's last change is a branch.
    format : {"dir", "git", "zip"}, optional
        A folder, a repository with the exercise's history, or an archive. A folder where not given; of a pull request
        a repository, which an archive holds as well.

    Returns
    -------
    receipt : Receipt

    Raises
    ------
    UsageError
        If there is no such form or no pull request, `to` exists, lies within the bank's exercises or cannot be
        written.
    BankError
        If the export would give something away.
    """
    name, planted = _form(exercise, form, defects)
    made = format or ("git" if pull_request else "dir")
    if pull_request and made == "dir":
        raise UsageError(
            "a pull request needs a repository", fix="leave --format out, or give --format git or zip"
        )
    check_place(to, bank=exercise.bank, format=made)
    entry = ExportEntry(
        exercise=exercise.slug,
        version=exercise.manifest.version,
        form=name,
        defects=planted,
        seed=seed,
        minutes=minutes,
        assistants=assistants,
        pull_request=pull_request,
        nonce=secrets.token_hex(16),
        candidate=candidate,
    )
    tree = handed_out(exercise, entry)
    entry = entry.model_copy(update={"tree": digest_of(tree)})
    told = Branched((), ())
    if pull_request:
        told = branched(exercise, planted, seed=seed)
    elif made == "git":
        told = Branched(history_of(exercise, planted, seed=seed), ())
    refuse_leaks(tree | only_there((*told.main, *told.branch), tree), exercise, planted)
    tree[RECEIPT] = receipt_file(entry, ledger)
    enter(entry, ledger)
    branches = _branches(exercise, told, tree) if pull_request or made == "git" else None
    pack(tree, to, format=made, name=re.sub(r"\W", "_", exercise.slug), branches=branches)
    return Receipt(**entry.model_dump(), verified=True, certain=True)


def _branches(
    exercise: Exercise, told: Branched, tree: Mapping[str, bytes]
) -> dict[str, tuple[Snapshot, ...]]:
    """Put the task into a repository: at the end of ``main``, so that no change shows it."""
    if not told.branch:
        return {MAIN: with_task(told.main, tree)}
    last = told.branch[-1].tree
    main = with_task(told.main, dressed(exercise, told.main[-1].tree, tree, last))
    branch = (replace(one, tree=dressed(exercise, one.tree, tree, last)) for one in told.branch)
    return {MAIN: main, exercise.pull_request.branch: tuple(branch)}


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
