"""Places: where a finding points in the shipped tree, and what stands there."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from unfit.notebook_cells import saved_cells
from unfit.review.mentions import Mentions, mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unfit.grades import Finding

__all__ = ["Pointer", "Symbol", "Target", "cells_of", "nearest_file", "point", "region", "symbols_of"]

CLOSE_NAME = 0.75
CLOSE_CELL = 0.7


@dataclass(frozen=True)
class Symbol:
    """A function or class of a file, with its first and last line."""

    name: str
    first: int
    last: int
    cell: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What people call it: a method with or without its class."""
        return frozenset({self.name, self.name.rsplit(".", 1)[-1]})


@dataclass(frozen=True)
class Pointer:
    """Where a finding points.

    Parameters
    ----------
    files : tuple of str
        Shipped files.
    lines : tuple of (int, int)
    cells : tuple of str
        Ids of cells.
    symbols : frozenset of str
        Functions and classes that exist in the files, named by the finding.
    """

    files: tuple[str, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    cells: tuple[str, ...] = ()
    symbols: frozenset[str] = frozenset()

    @property
    def nowhere(self) -> bool:
        """Whether it names no place at all."""
        return not (self.files or self.symbols or self.cells)


@dataclass(frozen=True)
class Target:
    """A stretch of the shipped tree: the lines of an edit, and the function or cell around them."""

    file: str
    cell: str
    first: int
    last: int
    around: Symbol | None
    missing: bool = False
    """Whether the file or cell is not there at all."""
    inside: frozenset[str] = frozenset()
    """Functions that the cell defines."""

    @property
    def names(self) -> frozenset[str]:
        """Functions, classes and constants by which it is named."""
        return self.inside | (self.around.names if self.around else frozenset())


def point(finding: Finding, tree: Mapping[str, bytes], *, absent: Iterable[str] = ()) -> Pointer:
    """Resolve the place that a finding names, from its own field first, else from its text.

    Parameters
    ----------
    finding : Finding
    tree : mapping of str to bytes
        What was shipped.
    absent : iterable of str
        Files that nobody wrote, and that a finding may name all the same.
    """
    tree = {**dict.fromkeys(absent, b""), **tree}
    said = finding.text or finding.title
    pointer = _resolve(finding.where, tree, trusted=True)
    if pointer.nowhere:
        return _resolve(said, tree, trusted=False)
    named = pointer.symbols or _named(mentions(said), pointer.files, tree)
    return replace(pointer, symbols=named)


def _resolve(text: str, tree: Mapping[str, bytes], *, trusted: bool) -> Pointer:
    found = mentions(text)
    files = [file for path in found.paths if (file := nearest_file(path, tree))]
    if trusted and not files:
        files = [file for word in re.findall(r"\w[\w.]*", text) if (file := _module(word, tree))]
    symbols = _named(found, files, tree, plain=found.rest if trusted else "")
    if not files:
        files = [file for file in tree for symbol in symbols_of(tree, file) if symbol.name in symbols]
    notebooks = [file for file in files if file.endswith(".ipynb")]
    if not files and found.cells:
        notebooks = [file for file in tree if file.endswith(".ipynb")]
        files = notebooks if len(notebooks) == 1 else []
    cells = [cell for file in notebooks for name in found.cells for cell in _cell(name, file, tree)]
    return Pointer(
        files=tuple(dict.fromkeys(files)),
        lines=found.lines,
        cells=tuple(dict.fromkeys(cells)),
        symbols=symbols,
    )


def nearest_file(path: str, files: Iterable[str]) -> str:
    """Find the shipped file that a path means, with a slip of the pen forgiven; empty for none."""
    known = sorted(files, key=lambda file: (file.count("/"), file))
    path = path.strip("/")
    name = path.rsplit("/", 1)[-1]
    for end in (f"/{path}", path.casefold(), f"/{name}"):
        if fits := [file for file in known if f"/{file}".casefold().endswith(end.casefold())]:
            return next((file for file in fits if f"/{file}".endswith(end)), fits[0])
    suffix = re.search(r"\.\w+$|$", name)
    alike = {file: file for file in known if suffix and file.endswith(suffix[0])}
    names = {file.rsplit("/", 1)[-1]: file for file in alike}
    for wanted, choices in ((path, alike if "/" in path else {}), (name, names)):
        if near := difflib.get_close_matches(wanted, choices, n=1, cutoff=CLOSE_NAME):
            return choices[near[0]]
    return ""


def _module(word: str, tree: Mapping[str, bytes]) -> str:
    """Find the file of a module named as ``triage.serve`` or ``serve``."""
    path = word.strip(".").replace(".", "/")
    ends = [file for file in tree if f"/{file}".endswith((f"/{path}.py", f"/{path}.ipynb"))]
    return min(ends, key=len, default="")


def _named(
    found: Mentions, files: Iterable[str], tree: Mapping[str, bytes], plain: str = ""
) -> frozenset[str]:
    """Find the functions and classes that a text names, within files where those are known."""
    scope = list(files) or [file for file in tree if file.endswith((".py", ".ipynb"))]
    words = {part for name in found.names for part in re.split(r"\W+", name)}
    words |= set(re.findall(r"[A-Za-z_]\w*", plain))
    symbols = (symbol for file in scope for symbol in symbols_of(tree, file))
    return frozenset(symbol.name for symbol in symbols if words & symbol.names)


def _cell(name: str, file: str, tree: Mapping[str, bytes]) -> list[str]:
    """Find a cell by its id, forgiving a slip, or by its number among all cells or among code cells."""
    cells = cells_of(tree, file)
    ids = [cell for cell, _, _ in cells]
    if name.isdigit() and name not in ids:
        code = [cell for cell, kind, _ in cells if kind == "code"]
        return [series[int(name) - 1] for series in (ids, code) if 0 < int(name) <= len(series)]
    return difflib.get_close_matches(name if name in ids else name.casefold(), ids, n=1, cutoff=CLOSE_CELL)


def cells_of(tree: Mapping[str, bytes], file: str) -> tuple[tuple[str, str, str], ...]:
    """Cells of a notebook as id, kind and source; none where it cannot be read."""
    cells = saved_cells(tree.get(file, b"")) if file.endswith(".ipynb") else None
    return tuple(
        (cell.id or str(number), cell.kind, cell.source) for number, cell in enumerate(cells or (), start=1)
    )


def symbols_of(tree: Mapping[str, bytes], file: str) -> tuple[Symbol, ...]:
    """Functions and classes of a file, or of a notebook's cells, outer ones first."""
    if file.endswith(".ipynb"):
        return tuple(
            Symbol(symbol.name, symbol.first, symbol.last, cell)
            for cell, kind, source in cells_of(tree, file)
            if kind == "code"
            for symbol in _outline(source)
        )
    return _outline(tree[file].decode("utf-8", "replace")) if file.endswith(".py") and file in tree else ()


@lru_cache(maxsize=512)
def _outline(source: str) -> tuple[Symbol, ...]:
    try:
        waiting: list[tuple[ast.stmt, str]] = [(node, "") for node in ast.parse(source).body]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: list[Symbol] = []
    for node, prefix in waiting:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            found.append(Symbol(prefix + node.name, first, node.end_lineno or node.lineno))
            waiting += [(item, f"{prefix}{node.name}.") for item in node.body]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not prefix:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            last = node.end_lineno or node.lineno
            found += [Symbol(name, node.lineno, last) for name in names if name.isupper()]
    return tuple(found)


def region(tree: Mapping[str, bytes], file: str, cell: str | None, first: int, last: int) -> Target:
    """Find the innermost function, or the constant, that holds some lines of a shipped file or cell."""
    if not first:
        return Target(file, cell or "", 0, 0, None, missing=True)
    holders = [
        symbol
        for symbol in symbols_of(tree, file)
        if symbol.cell == (cell or "") and symbol.first <= first <= symbol.last + 1
    ]
    around = min(holders, key=lambda symbol: symbol.last - symbol.first, default=None)
    inside = frozenset(symbol.name for symbol in symbols_of(tree, file) if cell and symbol.cell == cell)
    return Target(file, cell or "", first, last, around, inside=inside)
