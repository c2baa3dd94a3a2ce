"""Review: what a candidate wrote, quoted as it stands, and matched with what was planted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unfit.bank import read_tree
from unfit.planting import shipped
from unfit.review.cells import in_cells
from unfit.review.comments import comments, too_many
from unfit.review.cutting import OPENING
from unfit.review.finding import find, near_names
from unfit.review.matching import match
from unfit.review.overrules import Overrule, Overrules, apply_overrules, sheet
from unfit.review.reading import Passage, Review, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from unfit.bank import Exercise
    from unfit.grades import Finding

__all__ = [
    "Overrule",
    "Overrules",
    "Passage",
    "Reading",
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

NOT_FILLED_IN = "was not filled in."
NO_REVIEW = "There is no REVIEW.md in the submission, so nothing says what was spotted."


@dataclass(frozen=True)
class Reading:
    """Everything that a submission says about the code.

    Parameters
    ----------
    findings : tuple of Finding or None
        Those of the review, then those of notebooks' texts and of inline comments; ``None`` where nothing was written.
    decision : tuple of str
        In the candidate's words.
    notes : tuple of str
        What could not be read, and what is missing.
    """

    findings: tuple[Finding, ...] | None
    decision: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read(submitted: Mapping[str, bytes], handed: Mapping[str, bytes] | None = None) -> Review | None:
    """Read the review of a submission; None where there is none.

    Parameters
    ----------
    submitted : mapping of str to bytes
        The candidate's files by path.
    handed : mapping of str to bytes, optional
        The files as they were handed out: a filled copy comes before an empty template.
    """
    path = find(submitted, handed)
    if not path:
        return None
    text, complaints = text_of(submitted[path])
    review = parse(text, name=path)
    kept = (*(f"{path}: {complaint}" for complaint in complaints), *review.complaints)
    return replace(review, complaints=kept)


def review_of(exercise: Exercise, submission: Path, *, defects: Iterable[str] | None = None) -> Reading:
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
    reading : Reading
    """
    planted = tuple(exercise.default if defects is None else defects)
    before, submitted = shipped(exercise, planted), read_tree(submission)
    review = read(submitted, before)
    cells = in_cells(submitted, before)
    beside = comments(submitted, before)
    told = [*([review] if review else []), *cells]
    said = (*(finding for one in told for finding in one.findings), *beside)
    unsure = {source for one in told for source in one.unsure}
    matched = match(said, exercise, before, defects=planted)
    findings = tuple(one for one in matched if one.source not in unsure or one.match != "unmatched")
    nothing = review is None and not said
    return Reading(
        None if nothing else findings,
        next((one.decision for one in told if one.decision), ()),
        (
            *_complaints(review, find(submitted, before)),
            *near_names(submitted, before),
            *too_many(submitted, beside),
        ),
    )


def _complaints(review: Review | None, path: str) -> tuple[str, ...]:
    if review is None:
        return (NO_REVIEW,)
    said = review.findings or review.decision or any(map(review.said, OPENING))
    return review.complaints if said else (f"{path} {NOT_FILLED_IN}",)
