"""Texts of a notebook: what a candidate wrote into its cells."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from unfit.review.markdown_reading import Review, parse
from unfit.review.part_names import section_of
from unfit.review.places import cells_of, nearest_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["in_cells"]

MOST_CELLS = 400
LONGEST_CELL = 16_000
ANNOUNCED = re.compile(
    r"^\W{0,8}(?:review|finding|issue|bug|problem|todo|fixme|note)\b", re.IGNORECASE | re.MULTILINE
)


def in_cells(submitted: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> tuple[Review, ...]:
    """Read the Markdown cells that a candidate added or changed.

    Parameters
    ----------
    submitted : mapping of str to bytes
        The candidate's files by path.
    shipped : mapping of str to bytes
        The files as they were handed out.

    Returns
    -------
    reviews : tuple of Review
        One for each cell. A finding that names no place points to the code cell below. Only what the text calls a
        finding, or what matches a defect, is one.
    """
    read = (parse(text, name=name, place=place) for text, name, place in _texts(submitted, shipped))
    told = (_modest(review) for review in read)
    return tuple(review for review in told if review.findings or review.decision)[:MOST_CELLS]


def _texts(submitted: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """Give the new paragraphs of each Markdown cell, with its name and the place that it is about."""
    for file in sorted(path for path in submitted if path.endswith(".ipynb")):
        origin = nearest_file(file, shipped)
        known = {part.strip() for _, _, source in cells_of(shipped, origin) for part in source.split("\n\n")}
        cells = cells_of(submitted, file)[:MOST_CELLS]
        for number, (_, kind, source) in enumerate(cells, start=1):
            if kind == "markdown":
                fresh = "\n\n".join(part for part in source.split("\n\n") if part.strip() not in known)
                below = next((cell for cell, other, _ in cells[number:] if other == "code"), "")
                place = f"{origin or file}, cell `{below}`" if below else origin or file
                yield fresh[:LONGEST_CELL], f"{file} cell {number}", place


def _modest(review: Review) -> Review:
    """Keep what a text says of itself: that it holds findings, or a decision."""
    text = "\n".join(passage.text for passage in review.passages)
    announced = ANNOUNCED.search(text) or "findings" in map(section_of, text.split("\n")[:50])
    unsure = review.unsure if announced else frozenset(finding.source for finding in review.findings)
    return replace(review, unsure=unsure, decision=review.decision if review.announced else (), complaints=())
