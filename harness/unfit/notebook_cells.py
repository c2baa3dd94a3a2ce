"""Notebook cells: what anybody saved as a notebook, read whatever else it holds."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

__all__ = ["NotebookCell", "double_ids", "saved_cells", "submitted_sources"]


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


def double_ids(content: bytes) -> int:
    """Count the cells of a submitted notebook that have the id of another cell before them."""
    ids = [cell.id for cell in saved_cells(content) or () if cell.id]
    return len(ids) - len(set(ids))
