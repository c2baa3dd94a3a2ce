"""Notebook cells: what anybody saved as a notebook, read whatever else it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

__all__ = ["NotebookCell", "double_ids", "named_alike", "same_cells", "saved_cells", "submitted_sources"]


class NotebookCell(NamedTuple):
    """One cell; its id is empty where it has none."""

    id: str
    kind: str
    source: str


@lru_cache(maxsize=64)
def saved_cells(content: bytes) -> tuple[NotebookCell, ...] | None:
    """Read the cells of a notebook, in order; None where it is none."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        return None
    return tuple(
        NotebookCell(_text(cell.get("id")), _text(cell.get("cell_type")), _source(cell.get("source")))
        for cell in (cell if isinstance(cell, dict) else {} for cell in cells)
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _source(value: object) -> str:
    """Join the lines of a source; half a character is none."""
    text = "".join(map(_text, value)) if isinstance(value, list) else _text(value)
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode()


def submitted_sources(content: bytes) -> dict[str, str]:
    """Source by cell id of a notebook as anybody saved it; empty where it cannot be read.

    A cell without an id, or with the id of a cell before it, is called by its place.
    """
    found: dict[str, str] = {}
    for number, cell in enumerate(saved_cells(content) or (), start=1):
        name = cell.id if cell.id and cell.id not in found else str(number)
        while name in found:
            name += "'"
        found[name] = cell.source
    return found


def named_alike(shipped: Sequence[NotebookCell], submitted: Sequence[NotebookCell]) -> list[str]:
    """Name submitted cells after the shipped ones: by their id, and where that is gone by what they hold.

    A notebook that is saved in an older format, or by another editor, comes back without ids or with new ones.

    Parameters
    ----------
    shipped, submitted : sequence of NotebookCell
        The cells of both notebooks, in order.

    Returns
    -------
    names : list of str, of shape (len(submitted),)
        Cells that are new, and hold what no shipped cell does, are called by their id or their place.
    """
    names = [cell.id or str(place) for place, cell in enumerate(submitted, start=1)]
    known, came = {cell.id for cell in shipped}, {cell.id for cell in submitted}
    lost = [cell for cell in shipped if cell.id and cell.id not in came]
    unnamed = [place for place, cell in enumerate(submitted) if cell.id not in known]
    before, after = ([_text_of(cell) for cell in lost], [_text_of(submitted[place]) for place in unnamed])
    for tag, top, bottom, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and bottom - top == last - first):
            for cell, place in zip(lost[top:bottom], unnamed[first:last], strict=True):
                names[place] = cell.id
    return names


def same_cells(one: bytes, other: bytes) -> bool:
    """Whether two notebooks hold the same text in the same order, whatever else was saved."""
    before, after = saved_cells(one), saved_cells(other)
    if before is None or after is None:
        return False
    return [_text_of(cell) for cell in before] == [_text_of(cell) for cell in after]


def _text_of(cell: NotebookCell) -> tuple[str, str]:
    return cell.kind, cell.source.rstrip()


def double_ids(content: bytes) -> int:
    """Count the cells of a submitted notebook that have the id of another cell before them."""
    ids = [cell.id for cell in saved_cells(content) or () if cell.id]
    return len(ids) - len(set(ids))
