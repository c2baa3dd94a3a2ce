"""The file of the review: which file of a submission it is, whatever its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unfit.review.markdown_reading import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["find", "near_names"]

READ = (".md", ".markdown", ".mdown", ".mkd", ".md.txt", ".markdown.txt", ".txt", ".text", ".rst", "")
OTHER = (".docx", ".doc", ".odt", ".rtf", ".pdf", ".html", ".htm", ".pages", ".tex")
NAME = re.compile(
    r"(?:.*/)?(?:copy[ _-]of[ _-]|my[ _-]?|the[ _-]|final[ _-]?)?(?:code[ _-]?)?rev(?:iew|eiw)s?[ _-]?(?:md)?"
    r"(?:[ _-]*(?:\(\d{1,3}\)|\[\d{1,3}\]|copy(?:[ _-]?\d{1,3})?|final|filled|done|v?\d{1,3}|kopie|neu|new))*"
    rf"(?P<ending>{'|'.join(map(re.escape, (*READ, *OTHER)))})",
    re.IGNORECASE,
)


def _endings(files: Iterable[str]) -> dict[str, str]:
    """Give each file that is called as a review is, with its ending."""
    return {path: found["ending"].casefold() for path in files if (found := NAME.fullmatch(path))}


def _reviews(submitted: Mapping[str, bytes], handed: Mapping[str, bytes]) -> dict[str, bool]:
    """Tell of each review that can be read whether it is filled in: such first, then at the top, then by name."""
    template = {line for path in _endings(handed) for line in _lines(handed[path])}
    found = {path: ending for path, ending in _endings(submitted).items() if ending in READ}
    filled = {path: bool(_lines(submitted[path]) - template) for path in found}

    def order(path: str) -> tuple[bool, int, int, int, str]:
        return not filled[path], path.count("/"), READ.index(found[path]), len(path), path

    return {path: filled[path] for path in sorted(found, key=order)}


def _lines(content: bytes) -> set[str]:
    return {line.strip() for line in text_of(content)[0].split("\n") if re.search(r"[^\W\d_]", line)}


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
    reviews = _reviews(submitted, handed)
    read = next(iter(reviews), "")
    aside = [path for path, filled in reviews.items() if filled and path != read]
    unread = [path for path, ending in _endings(submitted).items() if ending in OTHER and path not in handed]
    return (
        *([f"The review was read from {read}."] if read and read.casefold() != "review.md" else []),
        *(f"{path} is filled in too, and only {read} was read: compare both." for path in aside),
        *(
            f"{path} cannot be read: ask for it as text, saved as Markdown (REVIEW.md)."
            for path in sorted(unread)
        ),
    )
