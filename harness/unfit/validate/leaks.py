"""Leaks: nothing hidden may reach what a candidate gets, in any form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from unfit.bank import Exercise, HistoryManifest
from unfit.bank.exercises import HISTORY
from unfit.checks import Check
from unfit.errors import BankError
from unfit.export import CandidateTerms, branched, contents, history_of, only_there
from unfit.export.secrecy import refuse_leaks
from unfit.planting import shipped_tree
from unfit.review.cutting import sentences
from unfit.review.defect_wording import hits, said_by, says_of
from unfit.validate.validation import Problem

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
    fixed = shipped_tree(exercise, ())
    minutes, kinds = exercise.manifest.minutes, sorted({False, exercise.has_pull_request})
    for form in exercise.forms:
        try:
            for kind in kinds:
                terms = CandidateTerms(minutes, pull_request=kind)
                refuse_leaks(contents(exercise, form.defects, terms=terms), exercise, form.defects)
        except BankError as error:
            yield Problem(gate="secrecy", what=error.message, where=f"form {form.name}", fix=FIX)
        removed = list(_removed(exercise, form.defects))
        for path, content in shipped_tree(exercise, form.defects).items():
            text = content.decode("utf-8", "replace")
            for what in [*_sentences(checks, text), *_quoted(removed, path, text, fixed)]:
                yield Problem(gate="secrecy", what=f"{what} reaches the candidate", where=path, fix=FIX)


def leaks_of_history(exercise: Exercise) -> Iterator[Problem]:
    """Search the commits of every form for what an export refuses, and messages for what a review would say.

    The commits and the description of a pull request are searched as well.

    Parameters
    ----------
    exercise : Exercise
    """
    if exercise.history is None:
        return
    where = exercise.name_of(exercise.solution / HISTORY)
    for what, text in _said(exercise.history):
        for defect, words in _described(exercise, text):
            problem = f"{what} describes `{defect}` to whoever reads it: {words}"
            yield Problem(gate="secrecy", what=problem, where=where, fix="say what the change is for instead")
    for form in exercise.forms:
        history = list(history_of(exercise, form.defects))
        texts = only_there(history, history[-1].tree if history else {})
        if exercise.has_pull_request:
            told = branched(exercise, form.defects)
            texts |= {
                f"the pull request's {place}": content
                for place, content in only_there((*told.main, *told.branch), told.branch[-1].tree).items()
            }
        try:
            refuse_leaks(texts, exercise, form.defects)
        except BankError as error:
            yield Problem(gate="secrecy", what=error.message, where=f"{where}, form {form.name}", fix=FIX)


def _said(history: HistoryManifest) -> Iterator[tuple[str, str]]:
    """List what the people of a history say."""
    for number, commit in enumerate(history.commits, start=1):
        yield f"the message of commit {number}", commit.message
    request = history.pull_request
    if request is not None:
        yield "the description of the pull request", f"{request.title}\n\n{request.body}"
        for number, commit in enumerate(request.commits, start=1):
            yield f"the message of commit {number} of the pull request", commit.message


def _described(exercise: Exercise, message: str) -> Iterator[tuple[str, str]]:
    """Find the defects that a sentence of a message describes, as a finding without a place would, with its words."""
    for sentence in sentences(message):
        said = said_by(sentence, frozenset(), frozenset())
        for defect in exercise.defects:
            found = hits(said, says_of(defect.says, f"{defect.title} {defect.teaches}"))
            if found is not None and found.count > found.needed:
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
