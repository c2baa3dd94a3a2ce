"""Cells: what a candidate wrote into the texts of a notebook."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from unfit.review.places import cells_of, nearest_file
from unfit.review.reading import Review, parse
from unfit.review.words import section_of

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    found: list[Review] = []
    for file in sorted(path for path in submitted if path.endswith(".ipynb")):
        origin = file if file in shipped else nearest_file(file, shipped)
        known = {source.strip() for _, _, source in cells_of(shipped, origin)} if origin else set()
        paragraphs = {part.strip() for source in known for part in source.split("\n\n")}
        cells = cells_of(submitted, file)[:MOST_CELLS]
        for number, (_, kind, source) in enumerate(cells, start=1):
            if kind != "markdown" or source.strip() in known:
                continue
            fresh = "\n\n".join(part for part in source.split("\n\n") if part.strip() not in paragraphs)
            below = next((cell for cell, other, _ in cells[number:] if other == "code"), "")
            place = f"{origin or file}, cell `{below}`" if below else origin or file
            found.append(_read(fresh[:LONGEST_CELL], f"{file} cell {number}", place))
    return tuple(itertools.islice((one for one in found if one.findings or one.decision), MOST_CELLS))


def _read(text: str, name: str, place: str) -> Review:
    review = parse(text, name=name, place=place)
    announced = ANNOUNCED.search(text) or any(
        section_of(line) == "findings" for line in text.split("\n")[:50]
    )
    unsure = review.unsure if announced else frozenset(finding.source for finding in review.findings)
    decision = review.decision if review.announced else ()
    return replace(review, unsure=unsure, decision=decision, complaints=())
