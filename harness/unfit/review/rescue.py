"""Rescue: the findings of a review in which nothing says where findings begin."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from unfit.review.blocks import Block, unmarked
from unfit.review.mentions import has_place, leading_place
from unfit.review.words import COUNTED, NUMBERING, category_of, severity_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["likely_findings"]

LEADING_COUNT = re.compile(rf"{COUNTED}\b[\s.):]*", re.IGNORECASE)
CALL = re.compile(r"(?<![\w.])[A-Za-z_][\w.]{0,80}\(\)")


def likely_findings(found: Sequence[Block]) -> list[Block]:
    """Pick what a person would take for findings, each as an item of a list.

    Those are the items of a list of which half name a place, rows of a table that name one, numbered paragraphs
    ("F1 ..."), paragraphs that hold a place, and lines that begin with one, as compilers write them.
    """
    picked: list[Block] = []
    for kind, run in itertools.groupby(
        found, key=lambda block: block.kind if block.kind != "item" else "list"
    ):
        blocks = list(run)
        if kind == "list":
            picked += _items(blocks)
        elif kind == "row":
            picked += [_from_row(block) for block in blocks if has_place(block.text)]
        elif kind in {"text", "code"}:
            picked += [piece for block in blocks for piece in _from_text(block)]
    return picked


def _points(text: str) -> bool:
    return has_place(text) or CALL.search(text) is not None


def _items(blocks: Sequence[Block]) -> list[Block]:
    """Take the outermost items of which half name a place, with what lies below them."""
    for depth in sorted({block.depth for block in blocks}):
        level = [block for block in blocks if block.depth == depth]
        pointing = sum(_points(unmarked(block.text)) for block in level)
        if pointing and 2 * pointing >= len(level):
            return [replace(block, depth=block.depth - depth + 1) for block in blocks if block.depth >= depth]
    return []


def _from_row(block: Block) -> Block:
    """Sort the cells of a row whose columns are called otherwise by what stands in them."""
    parts: dict[str, str] = {}
    rest: list[str] = []
    for cell in block.cells:
        if has_place(cell) and "Where" not in parts:
            parts["Where"] = cell
        elif category_of(cell) and "Category" not in parts:
            parts["Category"] = cell
        elif severity_of(cell) and "Severity" not in parts and not cell.strip().isdigit():
            parts["Severity"] = cell
        elif not cell.strip(" #№.()").isdigit():
            rest.append(cell)
    title = max(rest, key=len, default="")
    lines = [title, *(f"{name}: {cell}" for name, cell in parts.items())]
    return Block("item", "\n".join(lines), block.line, depth=1)


def _from_text(block: Block) -> Iterator[Block]:
    """Split a paragraph where its lines begin a finding; one that holds a place is a finding as a whole."""
    lines = block.text.split("\n")
    starts = [
        index
        for index, line in enumerate(lines)
        if LEADING_COUNT.match(unmarked(line)) or leading_place(NUMBERING.sub("", unmarked(line), count=1))[0]
    ]
    if not starts and block.kind == "text" and has_place(block.text):
        starts = [0]
    for first, last in itertools.pairwise([*starts, len(lines)]):
        text = LEADING_COUNT.sub("", unmarked("\n".join(lines[first:last])).strip(), count=1)
        yield Block("item", text, block.line + first + (block.kind == "code"), depth=1)
