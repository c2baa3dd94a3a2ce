"""Review: what a candidate wrote, read as a person would, and matched with what was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unfit.bank import read_tree
from unfit.planting import shipped
from unfit.review.comments import comments
from unfit.review.matching import match
from unfit.review.overrules import Overrule, Overrules, apply_overrules, sheet
from unfit.review.reading import Review, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from unfit.bank import Exercise
    from unfit.grades import Finding

__all__ = [
    "Overrule",
    "Overrules",
    "Review",
    "apply_overrules",
    "comments",
    "find",
    "match",
    "parse",
    "read",
    "review_of",
    "sheet",
    "text_of",
]

NAMES = {"review.md", "review.markdown", "review.txt", "review"}
NOT_FILLED_IN = "REVIEW.md was not filled in."
NO_REVIEW = "There is no REVIEW.md in the submission, so nothing says what was spotted."


def find(submitted: Mapping[str, bytes]) -> str:
    """Find the review among a submission's files, whatever its case; empty for none."""
    found = [path for path in submitted if path.rsplit("/", 1)[-1].casefold() in NAMES]
    return min(
        found, key=lambda path: (path.count("/"), not path.casefold().endswith(".md"), path), default=""
    )


def read(submitted: Mapping[str, bytes]) -> Review | None:
    """Read the review of a submission; None where there is none."""
    path = find(submitted)
    if not path:
        return None
    text, complaints = text_of(submitted[path])
    review = parse(text, name=path)
    kept = (*(f"{path}: {complaint}" for complaint in complaints), *review.complaints)
    return Review(**{**vars(review), "complaints": kept})


def review_of(
    exercise: Exercise, submission: Path, *, defects: Iterable[str] | None = None
) -> tuple[tuple[Finding, ...] | None, tuple[str, ...]]:
    """Read and match everything that a submission says about the code.

    Parameters
    ----------
    exercise : Exercise
    submission : Path
        A clean copy; see `unfit.submission.take`.
    defects : iterable of str, optional
        Those of the form that was handed out; the default ones where not given.

    Returns
    -------
    findings : tuple of Finding or None
        Those of the review, then those of inline comments; ``None`` where nothing was written.
    notes : tuple of str
        The decision, and what could not be read.
    """
    planted = tuple(exercise.default if defects is None else defects)
    before, submitted = shipped(exercise, planted), read_tree(submission)
    review = read(submitted)
    beside = comments(submitted, before)
    if review is None and not beside:
        return None, (NO_REVIEW,)
    written = review.findings if review else ()
    notes = _notes(review) if review else (NO_REVIEW,)
    return match((*written, *beside), exercise, before, defects=planted), notes


def _notes(review: Review) -> tuple[str, ...]:
    said = (
        review.decision_text,
        review.first_three,
        review.first_hour,
        review.rollback,
        review.watch,
        review.tools,
    )
    if not review.findings and not any(said):
        return (NOT_FILLED_IN,)
    decides = (f"The review decides: {review.decision}.",) if review.decision else ()
    return (*decides, *review.complaints)
