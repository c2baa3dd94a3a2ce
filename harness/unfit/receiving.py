"""Receiving: a submission is taken, and what was handed out to whoever made it is found out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from unfit import which_notebook
from unfit.bank import Exercise, digest_of, load_bank, read_tree
from unfit.errors import SubmissionError, UnfitError
from unfit.export import DESCRIPTION, RECEIPT, Receipt, fitted, handed_out, planted_by, read_receipt
from unfit.likeness import held_of
from unfit.planting import Variant, write_tree
from unfit.review import GIVEN, Given, Reading, find, remarks_of, review_of
from unfit.submission import Submission, is_comments, is_document, take, wanted
from unfit.submission.path_names import junk

__all__ = ["Received", "receive"]


@dataclass(frozen=True)
class Received:
    """A submission that was taken, with how it was handed out; what is asked of it is found out once.

    Parameters
    ----------
    exercise : Exercise
    submission : Submission
    files : mapping of str to bytes
        Its files by path.
    receipt : Receipt
    given : Given
        Comments of a pull request that were given beside it.
    review_only : bool
        Whether only a review was handed in: nothing of it is run.
    """

    exercise: Exercise
    submission: Submission
    files: Mapping[str, bytes]
    receipt: Receipt
    given: Given = field(default_factory=Given)
    review_only: bool = False

    @cached_property
    def variant(self) -> Variant:
        """The project with the defects that stood in what was handed out."""
        return Variant(self.exercise, planted_by(self.receipt, self.exercise))

    @cached_property
    def reading(self) -> Reading:
        """Everything that it says about the code."""
        return review_of(self.variant, self.files, self.given)

    @cached_property
    def handed_and_returned(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """What was handed out, and what came back of it: both without the receipt.

        What is left out of every submission, such as the settings of editors, is left out of both. Where not every file
        that was handed out is known, so are those that the kit adds: their differences would be nobody's doing.
        """
        handed = _taken_back(self.exercise, self.receipt)
        returned = {path: content for path, content in self.files.items() if path != RECEIPT}
        if not self.receipt.certain:
            added = handed.keys() - self.variant.shipped_tree.keys() | {"Makefile", DESCRIPTION}
            handed, returned = (
                {path: content for path, content in tree.items() if path not in added}
                for tree in (handed, returned)
            )
        return handed, returned


def receive(
    exercise: Exercise,
    source: Path | None,
    to: Path,
    *,
    ledger: Path,
    name: str = "",
    given: Given | None = None,
    review_only: bool = False,
) -> Received:
    """Take a submission, and find out from the ledger what was handed out.

    Parameters
    ----------
    exercise : Exercise
    source, to, name
        See `unfit.submission.take`.
    ledger : Path
        The interviewer's folder.
    given : Given, optional
        Comments of a pull request that go with it; without a source they are all that was handed in.
    review_only : bool, default=False
        The interviewer's word that only a review was asked for. It needs no word where nothing but comments was handed
        in: with the receipt, and what else says something about the code.

    Raises
    ------
    SubmissionError
        If it is refused, or is of another exercise; nothing of it has run.
    """
    beside_it = given or Given()
    if source is None:
        return _without_code(exercise, {}, to, ledger=ledger, name=name or "comments", given=beside_it)
    try:
        taken = take(source, to, name=name, wanted=wanted(exercise))
    except SubmissionError:
        documents = _documents(source)
        if documents and (review_only or beside_it.exported.remarks or any(map(is_comments, documents))):
            called = name or source.name
            return _without_code(exercise, documents, to, ledger=ledger, name=called, given=beside_it)
        _refuse_stranger(exercise, source, ledger=ledger, name=name)
        raise
    files = read_tree(taken.root)
    receipt = read_receipt(files, ledger, exercise=exercise.slug, version=exercise.manifest.version)
    _refuse_another(exercise, taken.name, files, receipt)
    receipt = fitted(receipt, exercise, files, ledger)
    notebooks = [notebook.path for notebook in exercise.manifest.contract.notebook]
    notes = which_notebook.remarks(notebooks, files, partial(handed_out, exercise, receipt))
    return Received(
        exercise, replace(taken, notes=(*taken.notes, *notes)), files, receipt, beside_it, review_only
    )


def _documents(source: Path) -> dict[str, bytes]:
    """Read what was handed in, where it is nothing but texts about the code; nothing where it is more."""
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        try:
            tree = read_tree(take(source, Path(scratch) / "clean").root)
        except UnfitError:
            return {}
    named = {path.rpartition("/")[2]: content for path, content in tree.items()}
    return named if all(is_document((name,)) for name in named) and len(named) == len(tree) else {}


def _without_code(
    exercise: Exercise, documents: Mapping[str, bytes], to: Path, *, ledger: Path, name: str, given: Given
) -> Received:
    """Take a review that came without code: it is on the code as it was handed out."""
    receipt = read_receipt(documents, ledger, exercise=exercise.slug, version=exercise.manifest.version)
    _refuse_another_receipt(exercise, name, receipt)
    known = _taken_back(exercise, receipt)
    handed = {path: content for path, content in known.items() if not is_document((path,))}
    if not remarks_of(documents, handed, given).own and not find(documents, handed):
        raise SubmissionError(
            f"{name}: nobody's review is in it, so there is nothing to grade",
            fix="look whether the comments were exported, and name the candidate's account with --author",
        )
    write_tree({**handed, **documents}, to)
    whole = digest_of({**documents, GIVEN: given.model_dump_json().encode()})
    taken = Submission(name, to, whole, len(documents), sum(map(len, documents.values())), {})
    return Received(exercise, taken, {**handed, **documents}, receipt, given, review_only=True)


def _refuse_stranger(exercise: Exercise, source: Path, *, ledger: Path, name: str) -> None:
    """Name the exercise that a submission is of, where nothing of this one was found in it."""
    with tempfile.TemporaryDirectory(prefix="unfit-") as scratch:
        try:
            taken = take(source, Path(scratch) / "clean", name=name)
        except UnfitError:
            return
        files = read_tree(taken.root)
    receipts = [content for path, content in files.items() if path.rpartition("/")[2] == RECEIPT]
    if len(receipts) == 1:  # the project may lie in a folder
        files[RECEIPT] = receipts[0]
    receipt = read_receipt(files, ledger, exercise=exercise.slug, version=exercise.manifest.version)
    _refuse_another(exercise, taken.name, files, receipt)


OWN, ANOTHERS = 0.2, 0.5
"""Shares of an exercise's text: a submission that holds less of its own and more of another's is of the other."""


def _refuse_another_receipt(exercise: Exercise, name: str, receipt: Receipt) -> None:
    """Refuse what was handed out as another exercise, by its receipt."""
    if receipt.exercise != exercise.slug:
        raise SubmissionError(
            f"{name}: its receipt {receipt.called} is of the exercise {receipt.exercise}, not of {exercise.slug}",
            fix=f"grade it as {receipt.exercise}; if its files are of {exercise.slug}, ask whose receipt that is, and "
            f"grade it without {RECEIPT}",
        )


def _refuse_another(exercise: Exercise, name: str, files: Mapping[str, bytes], receipt: Receipt) -> None:
    """Refuse what was handed out as another exercise, by its receipt or by its files."""
    _refuse_another_receipt(exercise, name, receipt)
    if held_of(exercise, files) >= OWN:
        return
    others = load_bank(exercise.bank)
    shares = {slug: held_of(others.exercise(slug), files) for slug in others.slugs if slug != exercise.slug}
    nearest = max(shares, key=lambda slug: shares[slug], default="")
    if nearest and shares[nearest] >= ANOTHERS:
        raise SubmissionError(
            f"{name}: its files are those of the exercise {nearest}, not of {exercise.slug}",
            fix=f"grade it as {nearest}",
        )


def _taken_back(exercise: Exercise, receipt: Receipt) -> dict[str, bytes]:
    """Make what was handed out, without what is left out of every submission."""
    whole = handed_out(exercise, receipt)
    return {path: content for path, content in whole.items() if not any(map(junk, path.split("/")))}
