"""Code cells: read from a notebook, and shown where one of them failed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from unfit.worker.faults import Unreadable
from unfit.worker.own_code import OwnCode

__all__ = ["Cell", "NotebookRun", "magic_in", "marked", "read"]

CONTEXT: Final = 30
LARGEST: Final = 32 * 1024 * 1024
OLDEST: Final = 4
MAGIC: Final = re.compile(
    r"(?:UsageError: )?(?:Line|Cell) magic (?:function )?`(%{1,2}[^`\n]{1,80})` not found[^\n]*"
)


@dataclass(frozen=True)
class Cell:
    """A code cell: the name that its author knows it by, and its source."""

    name: str
    source: str


@dataclass(frozen=True)
class NotebookRun:
    """A notebook that is run.

    Parameters
    ----------
    code : OwnCode
        The submission's code.
    config : mapping
        The sandbox's settings.
    path : str
        The notebook, relative to the submission.
    seed : int
    progress : callable
        What leaves word of the cell that is running.
    """

    code: OwnCode
    config: dict[str, Any]
    path: str
    seed: int
    progress: Callable[[str], None]

    def place(self, cell: Cell, line: int | None = None) -> str:
        """Name a cell, or a line of it, as its author knows it."""
        return f"{self.path} cell `{cell.name}`" + (f" line {line}" if line else "")

    def say(self, cell: Cell | None) -> None:
        """Leave word of the cell that is running, or that none is."""
        self.progress(self.place(cell) if cell else "")


def read(path: str, name: str) -> list[Cell]:
    """Read the code cells of a notebook; its kernel's name and its outputs are ignored.

    Raises
    ------
    Unreadable
        If it is not there, too large, no notebook, or an old one.
    """
    try:
        size = os.path.getsize(path)
        if size > LARGEST:
            raise Unreadable(
                f"{name} has {size:,} bytes, where at most {LARGEST:,} are read: clear its outputs"
            )
        with open(path, encoding="utf-8-sig") as file:
            document = json.load(file)
    except FileNotFoundError:
        raise Unreadable(f"{name} is not in the submission") from None
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"{name} cannot be read: {error}") from None
    except ValueError as error:
        raise Unreadable(f"{name} is not valid JSON: {error}") from None
    return cells_of(document, name)


def cells_of(document: Any, name: str) -> list[Cell]:
    """Return the code cells of a notebook's document, checked part by part."""
    if not isinstance(document, dict) or not isinstance(document.get("nbformat"), int):
        raise Unreadable(f"{name} is JSON, but not a notebook")
    if document["nbformat"] < OLDEST:
        raise Unreadable(f"{name} has format {document['nbformat']}: save it in format 4")
    cells = document.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Unreadable(f"{name} has no list of cells")
    found = []
    ids: set[str] = set()
    for number, cell in enumerate(cells, 1):
        id_ = cell.get("id")
        own = (
            id_ if isinstance(id_, str) and id_ not in ids else str(number)
        )  # the second of two, as in Jupyter
        ids.add(own)
        if cell.get("cell_type") == "code":
            found.append(code_cell(cell, own, number, name))
    return found


def code_cell(cell: dict[str, Any], own: str, number: int, name: str) -> Cell:
    """Return one code cell, named by its id or by its place."""
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"cell {number} of {name} has no source text")
    return Cell(own, source)


def magic_in(message: str) -> str:
    """Name the magic that IPython says it does not know; empty where it says something else."""
    found = MAGIC.fullmatch(message.strip())
    return f"unknown magic: {found[1]} (the exercise's environment does not offer it)" if found else ""


def marked(source: str, line: int | None, error: str) -> str:
    """Return a cell's source with a line marked, and the error below it."""
    lines = source.splitlines()
    first = max(0, (line or 1) - CONTEXT)
    shown = [
        f"{'>' if number == line else ' '} {number:>3} {text}"
        for number, text in enumerate(lines[first : first + 2 * CONTEXT], first + 1)
    ]
    return "\n".join([*shown, "", error])
