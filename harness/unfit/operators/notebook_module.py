"""Cells of a notebook, joined to one module and taken apart again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["is_mark", "joined", "place_in", "taken_apart"]

CELL: Final = "unfit-cell:"
MAGIC: Final = "unfit-magic:"
_MAGIC_LINE = re.compile(r"^([ \t]*)([%!?].*)$", flags=re.MULTILINE)
_HIDDEN_LINE = re.compile(rf"^([ \t]*)'{MAGIC}(.*)'$", flags=re.MULTILINE)
_MARK_LINE = re.compile(rf"^'{CELL}([\w-]+)'\n", flags=re.MULTILINE)


def joined(cells: Mapping[str, str]) -> str:
    """Join the code cells of a notebook, in order, each behind a line that names it.

    Magics and shell lines become texts, so that the module is Python.
    """
    parts = [f"'{CELL}{name}'\n{_hidden(source)}\n" for name, source in cells.items()]
    return "".join(parts)


def _hidden(source: str) -> str:
    if source.startswith("%%"):
        return f"'{MAGIC}{source.encode('unicode_escape').decode().replace(chr(39), '&apos;')}'"
    return _MAGIC_LINE.sub(lambda line: f"{line[1]}'{MAGIC}{_quoted(line[2])}'", source)


def _quoted(line: str) -> str:
    return line.encode("unicode_escape").decode().replace("'", "&apos;")


def taken_apart(text: str) -> dict[str, str]:
    """Source by cell, from a module that `joined` made."""
    pieces = _MARK_LINE.split(text)[1:]
    return {
        name: _shown(source).removesuffix("\n")
        for name, source in zip(pieces[::2], pieces[1::2], strict=True)
    }


def _shown(source: str) -> str:
    def original(line: re.Match[str]) -> str:
        return line[1] + line[2].replace("&apos;", "'").encode().decode("unicode_escape")

    return _HIDDEN_LINE.sub(original, source)


def is_mark(line: str) -> bool:
    """Whether a line of the joined module begins a cell, or stands for a magic."""
    return line.strip().startswith((f"'{CELL}", f"'{MAGIC}"))


def place_in(text: str, line: int) -> tuple[str | None, int]:
    """Find the cell that holds a line of the joined module, and the line within it, counted from one."""
    cell, began = None, 0
    for mark in _MARK_LINE.finditer(text):
        at = text.count("\n", 0, mark.start()) + 1
        if at > line:
            break
        cell, began = mark[1], at
    return cell, max(1, line - began)
