"""The candidate's comments on a host: which comments of a pull request are theirs, read as a review is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unfit.errors import SubmissionError, UsageError
from unfit.review.comment_places import is_path, place_of
from unfit.review.host_comments import Exported, exported
from unfit.review.markdown_reading import Passage, Review, finding_of, parse
from unfit.submission import is_comments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unfit.review.host_comments import Remark

__all__ = ["Remarks", "exported_in", "of_candidate", "reviews_of"]

MOST = 200
SEVERAL = re.compile(
    r"\n[ \t]*\n|^[ \t]*(?:[-*+|]|\d{1,3}[.)])[ \t].*\n[ \t]*(?:[-*+|]|\d{1,3}[.)])[ \t]", re.MULTILINE
)
"""Paragraphs, or items of a list: a text that may hold more than one finding."""
MOST_TEXT = 1 << 20
"""So many letters of comments are read in all."""


@dataclass(frozen=True)
class Remarks:
    """What a candidate wrote beside the code, on its host.

    Parameters
    ----------
    own : tuple of Remark
        The candidate's.
    opened : frozenset of str
        Threads that the candidate began.
    notes : tuple of str
        What was left out and why, and whose comments were taken for the candidate's.
    """

    own: tuple[Remark, ...] = ()
    opened: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def exported_in(submitted: Mapping[str, bytes], handed: Mapping[str, bytes]) -> Exported:
    """Read the files of comments that lie in a submission; what cannot be read is said and ends nothing."""
    whole = Exported()
    for path in sorted(path for path in submitted if is_comments(path) and path not in handed):
        try:
            whole += exported(submitted[path], name=path)
        except UsageError as error:
            whole += Exported(complaints=(f"{error.message}. It was not read as comments.",))
    return whole


def of_candidate(found: Exported, *, author: str = "") -> Remarks:
    """Tell the candidate's comments from those of others.

    Parameters
    ----------
    found : Exported
    author : str, optional
        The candidate's account. Without it, where several people wrote, whoever began the most threads.

    Raises
    ------
    UsageError
        If nobody of that name wrote a comment.
    SubmissionError
        If several people began as many threads, so that nobody knows whose review it is.
    """
    people = [one for one in found.remarks if not one.bot]
    bots = len(found.remarks) - len(people)
    names = Counter(one.author.casefold() for one in people)
    threads = _beginners(people)
    opened_by = Counter(threads.values())
    if author and author.casefold() not in names:
        raise UsageError(
            f"no comment is by `{author}`",
            fix=f"name one of those who wrote: {', '.join(sorted(ascii(name)[1:-1] for name in names))}"
            if names
            else "name a file that holds comments of people",
        )
    chosen = author.casefold() or _whose_review(names, opened_by)
    own = tuple(one for one in people if one.author.casefold() == chosen)
    notes = [*found.complaints, *_told(names, opened_by, own, chosen, named=bool(author))]
    notes += [f"{_counted(bots)} of a bot {'was' if bots == 1 else 'were'} left out."] if bots else []
    states = dict.fromkeys(one.state for one in own if one.state)
    notes += [f"On {own[0].host} the review was handed in as: {', '.join(states)}."] if states else []
    strange = sum(bool(one.path) and not is_path(one.path) for one in own)
    notes += (
        [f"{_counted(strange)} named no path of a project, and was read without a place."] if strange else []
    )
    opened = frozenset(thread for thread, name in threads.items() if name == chosen)
    return Remarks(own, opened, tuple(notes))


def _beginners(people: Sequence[Remark]) -> dict[str, str]:
    """Say of each thread who began it; nobody where its first comment is not there."""
    found: dict[str, str] = {}
    for one in people:
        first = one.host == "GitLab" or one.thread == one.id
        found.setdefault(one.thread, one.author.casefold() if first else "\0")
    return found


def _whose_review(names: Counter[str], opened: Counter[str]) -> str:
    """Choose whose review it is: the only one who wrote, or who began the most threads."""
    if len(names) < 2:
        return next(iter(names), "")
    ranked = sorted(names, key=lambda name: (-opened[name], name))
    if opened[ranked[0]] == opened[ranked[1]]:
        raise SubmissionError(
            f"the comments are by {len(names)} people, and nobody began more threads than all others",
            fix="name the candidate's account with --author, or leave the comments of others out of the file",
        )
    return ranked[0]


def _told(
    names: Counter[str], opened: Counter[str], own: Sequence[Remark], chosen: str, *, named: bool
) -> list[str]:
    """Say whose comments were taken for the candidate's, where several people wrote."""
    if len(names) < 2:
        return []
    others = names.total() - len(own)
    left = f"{_counted(others)} of other people {'was' if others == 1 else 'were'} left out."
    if named:
        return [f"The comments of the account that you named were read, {len(own)} of them; {left}"]
    whose = (
        f"Those of the one who began the most threads ({opened[chosen]}) were read as the candidate's; {left}"
    )
    check = "If that is the wrong one, name the candidate's account with --author."
    return [f"The comments are by {len(names)} people. {whose} {check}"]


def reviews_of(
    remarks: Remarks, handed: Mapping[str, bytes], submitted: Mapping[str, bytes]
) -> tuple[Review, ...]:
    """Read comments as a review is read.

    Parameters
    ----------
    remarks : Remarks
    handed, submitted : mapping of str to bytes
        The files as they were handed out, and the candidate's.

    Returns
    -------
    reviews : tuple of Review
        One for each thread. A thread on a line is one finding, in the candidate's words alone. What is said on a whole
        file, or on the whole, is read as `REVIEW.md` is. An answer to somebody else is a finding only where it matches
        a defect.
    """
    threads: dict[str, list[Remark]] = {}
    for one in remarks.own:
        threads.setdefault(one.thread, []).append(one)
    found: list[Review] = []
    left = MOST_TEXT
    for thread, said in list(threads.items())[:MOST]:
        text = "\n\n".join(one.text.strip("\n") for one in said if one.text.strip())[: max(left, 0)]
        left -= len(text)
        if text:
            review = _read(text, said[0], place_of(said[0], handed, submitted))
            found.append(review if thread in remarks.opened else _doubted(review))
    return tuple(found)


def _read(text: str, first: Remark, place: str) -> Review:
    """Read one thread: on a line it is one finding, elsewhere as many as a review of that text would hold."""
    name = first.called
    whole = finding_of(text, source=name, where=place)
    on_line = bool(place) and (first.line is not None or first.old_line is not None or bool(first.hunk))
    if on_line:
        return Review((Passage("finding", text, 1, source=name),), (whole,))
    review = _named(parse(text, name=name, place=place), name)
    sure = sum(one.source not in review.unsure for one in review.findings)
    if SEVERAL.search(text.strip()) and (sure > 1 or not place):
        return review
    unsure = frozenset() if place or sure else frozenset({name})
    return replace(
        review, passages=(Passage("finding", text, 1, source=name),), findings=(whole,), unsure=unsure
    )


def _named(review: Review, name: str) -> Review:
    """Name places of a comment by the comment and its line, and keep what has no place on a report of one."""
    findings = tuple(
        finding.model_copy(update={"source": finding.source.replace(f"{name}:", f"{name} line ", 1)})
        for finding in review.findings
    )
    unsure = frozenset(source.replace(f"{name}:", f"{name} line ", 1) for source in review.unsure)
    passages = tuple(replace(one, source=f"{name} line {one.line}") for one in review.passages)
    return replace(review, passages=passages, findings=findings, unsure=unsure, complaints=())


def _doubted(review: Review) -> Review:
    return replace(review, unsure=frozenset(finding.source for finding in review.findings))


def _counted(count: int) -> str:
    return f"{count} comment{'' if count == 1 else 's'}"
