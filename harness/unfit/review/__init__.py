"""Review: what a candidate wrote, quoted as it stands, and matched with what was planted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from unfit.review.candidate_host_comments import Remarks, exported_in, of_candidate, reviews_of
from unfit.review.code_comments import comments, too_many
from unfit.review.cutting import OPENING
from unfit.review.host_comments import GIVEN, Given, given_before, read_exported
from unfit.review.markdown_reading import Passage, Review, parse, text_of
from unfit.review.matching import match
from unfit.review.notebook_texts import in_cells
from unfit.review.overrules import Overrule, Overrules, apply_overrules, sheet
from unfit.review.review_file import find, near_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unfit.grades import Finding
    from unfit.planting import Variant

__all__ = [
    "GIVEN",
    "Given",
    "Overrule",
    "Overrules",
    "Passage",
    "Reading",
    "Review",
    "apply_overrules",
    "comments",
    "find",
    "given_before",
    "match",
    "parse",
    "read",
    "read_exported",
    "remarks_of",
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
    opening : Review or None
        All that was written about the code, line by line; None where nothing was.
    findings : tuple of Finding or None
        Those of the review, then those of notebooks' texts and of inline comments; ``None`` where nothing was written.
    decision : tuple of str
        In the candidate's words.
    notes : tuple of str
        What could not be read, and what is missing.
    """

    opening: Review | None
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


def remarks_of(submitted: Mapping[str, bytes], handed: Mapping[str, bytes], given: Given) -> Remarks:
    """Find the candidate's comments: those that lie in the submission, and those that were given beside it."""
    return of_candidate(given.exported + exported_in(submitted, handed), author=given.author)


def review_of(variant: Variant, submitted: Mapping[str, bytes], given: Given | None = None) -> Reading:
    """Read and match everything that a submission says about the code.

    Parameters
    ----------
    variant : Variant
        What was handed out.
    submitted : mapping of str to bytes
        The candidate's files by path.
    given : Given, optional
        Comments of a pull request that were given beside the submission.

    Returns
    -------
    reading : Reading
    """
    before = variant.shipped_tree
    review = read(submitted, before)
    cells = in_cells(submitted, before)
    beside = comments(submitted, before)
    remarks = remarks_of(submitted, before, given or Given())
    threads = reviews_of(remarks, before, submitted)
    told = [*([review] if review else []), *cells, *threads]
    said = (*(finding for one in told for finding in one.findings), *beside)
    unsure = {source for one in told for source in one.unsure}
    findings = tuple(
        one for one in match(said, variant) if one.source not in unsure or one.match != "unmatched"
    )
    nothing = review is None and not said and not threads
    return Reading(
        _opening(review, threads),
        None if nothing else findings,
        next((one.decision for one in told if one.decision), ()),
        (
            *([] if review is None and threads else _complaints(review, find(submitted, before))),
            *near_names(submitted, before),
            *too_many(submitted, beside),
            *remarks.notes,
        ),
    )


def _opening(review: Review | None, threads: Sequence[Review]) -> Review | None:
    """Join what was written in a file with what was written on a host."""
    if not threads:
        return review
    first = review or Review()
    return replace(
        first,
        passages=(*first.passages, *chain.from_iterable(one.passages for one in threads)),
        announced=first.announced or any(one.announced for one in threads),
    )


def _complaints(review: Review | None, path: str) -> tuple[str, ...]:
    if review is None:
        return (NO_REVIEW,)
    said = review.findings or review.decision or any(map(review.said, OPENING))
    return review.complaints if said else (f"{path} {NOT_FILLED_IN}",)
