"""What operators know of a whole project: its words, its tables, and the columns that it learns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from unfit.operators.code import Code, Words, code_of, sources
from unfit.planting.notebook_documents import is_notebook

__all__ = ["codes", "columns"]

ROWS: Final = 2000
"""Rows of a table that are looked at."""
NUMBER: Final = re.compile(r"-?\d+(\.\d*)?(e[+-]?\d+)?")
USUAL_OUTCOMES: Final = frozenset({"y", "y_true", "target", "label", "outcome", "truth"})


def codes(tree: Mapping[str, bytes]) -> tuple[Code, ...]:
    """Parse the code of a fixed project, file by file in the order of their paths.

    Raises
    ------
    PlantingError
        If a file does not parse; names the file and the line.
    """
    texts = sources(tree)
    words = {path: _words(content) for path, content in tree.items() if _is_code(path)}
    learnt, tables = _learnt("\n".join(texts.values())), dict(_tables(tree))
    quoted = frozenset(re.findall(r"['\"](\w+)['\"]", "\n".join(texts.values())))
    return tuple(
        code_of(
            path,
            text,
            elsewhere=frozenset().union(*(found for other, found in words.items() if other != path)),
            learnt=learnt,
            quoted=quoted,
            tables=tables,
        )
        for path, text in texts.items()
    )


def columns(tree: Mapping[str, bytes]) -> dict[str, str]:
    """Say of every column of the project's tables whether it holds text or numbers."""
    kinds: dict[str, str] = {}
    for table in _tables(tree):
        for name, values in table[1].items():
            told = [value for value in values if value]
            numeric = told and all(NUMBER.fullmatch(value) for value in told)
            kinds[name] = "float" if numeric else "str"
    return kinds


def _is_code(path: str) -> bool:
    return path.endswith((".py", ".toml", "Makefile")) or is_notebook(path)


def _words(content: bytes) -> Words:
    return frozenset(re.findall(r"[A-Za-z_]\w*", content.decode("utf-8", "replace")))


def _learnt(joined: str) -> Words:
    """Columns that a fit or a metric is given as the outcome, under their own and their former names."""
    given = re.findall(r"\bfit\w*\([^\n]*,\s*[\w.]+\[['\"](\w+)['\"]\]", joined)
    given += re.findall(r"(?:_score|_error|_loss)\(\s*[\w.]+\[['\"](\w+)['\"]\]", joined)
    found = USUAL_OUTCOMES | frozenset(given)
    for name in sorted(found):
        found |= frozenset(re.findall(rf"\b{name}=\w+\[['\"](\w+)['\"]\]", joined))
    return found


def _tables(tree: Mapping[str, bytes]) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    """Read the first rows of each CSV of the project."""
    for path, content in sorted(tree.items()):
        if not path.endswith(".csv") or path.startswith("tests/"):
            continue
        lines = csv.reader(io.StringIO(content.decode("utf-8", "replace")))
        header = next(lines, [])
        rows = [row for _, row in zip(range(ROWS), lines, strict=False) if len(row) == len(header)]
        yield path, {name: tuple(row[at] for row in rows) for at, name in enumerate(header)}
