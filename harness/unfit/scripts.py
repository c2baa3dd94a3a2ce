"""Scripts: a notebook as a Python file that any editor can open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unfit.planting.notebook_documents import read_notebook

__all__ = ["CELL", "cell_at", "script_of"]

CELL = re.compile(r"# %%(?: \[markdown\])? id=(?P<cell>[\w-]+)$")
"""The line that opens a cell."""
HEADER = "# A copy of {name} to read and search. What counts is the notebook: change it there.\n# ruff: noqa"
"""Each cell begins with the end of the line before it."""


def script_of(content: bytes, name: str) -> bytes:
    """Write a notebook's cells one below the other, text as comments, each opened by a line with its id.

    Parameters
    ----------
    content : bytes
        A notebook of a bank.
    name : str
        How the header calls it.
    """
    parts = [HEADER.format(name=name)]
    for cell in read_notebook(content, name)["cells"]:
        code = cell["cell_type"] == "code"
        lines = cell["source"].splitlines()
        shown = [_as_code(line) for line in lines] if code else [f"# {line}".rstrip() for line in lines]
        kind = "" if code else " [markdown]"
        parts.append("\n".join([f"\n# %%{kind} id={cell['id']}", *shown]) + "\n")
    return "".join(parts).encode()


def _as_code(line: str) -> str:
    """Turn what only a notebook understands into a comment."""
    return f"# {line}" if line.lstrip().startswith(("%", "!")) else line


def cell_at(lines: list[str], line: int) -> tuple[str, int]:
    """Find the cell of a script's line, and its line in that cell, both counted from one; no cell before the first."""
    opened = [(number, match["cell"]) for number, match in _opened(lines[:line])]
    return (opened[-1][1], line - opened[-1][0]) if opened else ("", line)


def _opened(lines: list[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for number, text in enumerate(lines, start=1):
        if match := CELL.match(text):
            yield number, match
