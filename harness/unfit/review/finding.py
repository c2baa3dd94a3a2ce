"""Finding: which file of a submission is the review, whatever it is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unfit.review.reading import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["find", "near_names"]

NAME = re.compile(
    r"(?:copy[ _-]of[ _-]|my[ _-]?|the[ _-]|final[ _-]?)?(?:code[ _-]?)?rev(?:iew|eiw)s?[ _-]?(?:md)?"
    r"(?:[ _-]*(?:\(\d{1,3}\)|\[\d{1,3}\]|copy(?:[ _-]?\d{1,3})?|final|filled|done|v?\d{1,3}|kopie|neu|new))*",
    re.IGNORECASE,
)
READ = (".md", ".markdown", ".mdown", ".mkd", ".md.txt", ".markdown.txt", ".txt", ".text", ".rst", "")
OTHER = (".docx", ".doc", ".odt", ".rtf", ".pdf", ".html", ".htm", ".pages", ".tex")


def _ending(path: str) -> str | None:
    """Give the ending of a file that is called as a review is; None for any other."""
    name = path.rsplit("/", 1)[-1]
    for ending in sorted((*READ, *OTHER), key=len, reverse=True):
        if name.casefold().endswith(ending) and NAME.fullmatch(name[: len(name) - len(ending)]):
            return ending
    return None


def _reviews(submitted: Mapping[str, bytes], handed: Mapping[str, bytes]) -> list[str]:
    """List the reviews that can be read: filled ones first, then those at the top, then by name."""
    template = _lines(handed, (path for path in handed if _ending(path) in READ))
    found = [path for path in submitted if _ending(path) in READ]

    def order(path: str) -> tuple[bool, int, int, int, str]:
        filled = bool(_lines(submitted, (path,)) - template)
        return not filled, path.count("/"), READ.index(_ending(path) or ""), len(path), path

    return sorted(found, key=order)


def _lines(files: Mapping[str, bytes], paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        text, _ = text_of(files[path])
        found.update(line.strip() for line in text.split("\n") if re.search(r"[^\W\d_]", line))
    return found


def find(submitted: Mapping[str, bytes], handed: Mapping[str, bytes] | None = None) -> str:
    """Find the review among a submission's files.

    Parameters
    ----------
    submitted : mapping of str to bytes
        The candidate's files by path.
    handed : mapping of str to bytes, optional
        The files as they were handed out; what differs from them was filled in.

    Returns
    -------
    path : str
        Empty for none.
    """
    return next(iter(_reviews(submitted, handed or {})), "")


def near_names(submitted: Mapping[str, bytes], handed: Mapping[str, bytes]) -> tuple[str, ...]:
    """Name the files that are called like a review and were not read, each with what to do."""
    template = _lines(handed, (path for path in handed if _ending(path) in READ))
    read, *others = [*_reviews(submitted, handed), ""]
    filled = [path for path in others if path and _lines(submitted, (path,)) - template]
    notes = [f"{path} is filled in too, and only {read} was read: compare both." for path in filled]
    if read and read.casefold() != "review.md":
        notes.insert(0, f"The review was read from {read}.")
    notes += [
        f"{path} cannot be read: ask for it as text, saved as Markdown (REVIEW.md)."
        for path in sorted(submitted)
        if _ending(path) in OTHER and path not in handed
    ]
    return tuple(notes)
