"""Secrecy: nothing hidden may reach what a candidate gets, in any form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from unfit.bank import Exercise
from unfit.bank.exercises import HISTORY
from unfit.checks import Check
from unfit.errors import BankError
from unfit.export import Terms, contents, history_of, only_there
from unfit.export.secrecy import refuse_leaks
from unfit.planting import shipped
from unfit.review.wording import hits, said_by, says_of
from unfit.validate.records import Problem

__all__ = ["leaks", "leaks_of_history"]

LONG = 40
"""Text of this many characters does not appear twice by chance."""
FIX = "word it otherwise in the project, or rename what is hidden"


def leaks(exercise: Exercise, checks: Sequence[Check]) -> Iterator[Problem]:
    """Search every form for whatever would give an answer away: all that an export refuses, and quotations.

    Parameters
    ----------
    exercise : Exercise
    checks : sequence of Check
    """
    yield from leaks_of_history(exercise)
    fixed = shipped(exercise, ())
    terms = Terms(minutes=exercise.manifest.minutes)
    for form in exercise.forms:
        try:
            refuse_leaks(contents(exercise, form.defects, terms=terms), exercise, form.defects)
        except BankError as error:
            yield Problem(gate="secrecy", what=error.message, where=f"form {form.name}", fix=FIX)
        removed = list(_removed(exercise, form.defects))
        for path, content in shipped(exercise, form.defects).items():
            text = content.decode("utf-8", "replace")
            for what in [*_sentences(checks, text), *_quoted(removed, path, text, fixed)]:
                yield Problem(gate="secrecy", what=f"{what} reaches the candidate", where=path, fix=FIX)


def leaks_of_history(exercise: Exercise) -> Iterator[Problem]:
    """Search the commits of every form for what an export refuses, and messages for what a review would say.

    Parameters
    ----------
    exercise : Exercise
    """
    if exercise.history is None:
        return
    where = exercise.name_of(exercise.solution / HISTORY)
    for number, commit in enumerate(exercise.history.commits, start=1):
        for defect, words in _described(exercise, commit.message):
            what = f"the message of commit {number} describes `{defect}` to whoever reads it: {words}"
            yield Problem(gate="secrecy", what=what, where=where, fix="say what the commit is for instead")
    for form in exercise.forms:
        history = history_of(exercise, form.defects)
        texts = only_there(history, history[-1].tree if history else {})
        try:
            refuse_leaks(texts, exercise, form.defects)
        except BankError as error:
            yield Problem(gate="secrecy", what=error.message, where=f"{where}, form {form.name}", fix=FIX)


def _described(exercise: Exercise, message: str) -> Iterator[tuple[str, str]]:
    """Find the defects that a message describes, as one of a review's findings would, with the words that do."""
    said = said_by(message, frozenset(), frozenset())
    for defect in exercise.defects:
        found = hits(said, says_of(defect.says, f"{defect.title} {defect.teaches}"))
        if found is not None:
            yield defect.id, ", ".join(found.words)


def _sentences(checks: Sequence[Check], text: str) -> Iterator[str]:
    for check in checks:
        if check.sentence in text:
            yield f"the sentence of the check `{check.name}`"


def _quoted(
    removed: Sequence[tuple[str, str]], path: str, text: str, fixed: Mapping[str, bytes]
) -> Iterator[str]:
    """Find what planting removed in one place and left in another; code that says a thing twice may."""
    before = fixed[path].decode("utf-8", "replace") if path.endswith(".py") and path in fixed else ""
    for defect, gone in removed:
        if gone in text and gone not in before:
            yield f"text that planting `{defect}` removes elsewhere, {gone[:60]!r},"


def _removed(exercise: Exercise, defects: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in defects:
        for edit in exercise.defect(name).edits:
            gone = (edit.fixed or "").strip()
            if len(gone) >= LONG and gone not in (edit.planted or ""):
                yield name, gone
