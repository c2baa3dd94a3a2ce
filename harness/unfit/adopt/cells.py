"""Cells: what a notebook's code gives values to, and what it defines, found by reading it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeGuard

import nbformat

from unfit.adopt.entry_points import Offered
from unfit.adopt.sources import TeamProject
from unfit.errors import UsageError

__all__ = ["CALLS", "Cells", "cells_of"]

DRAWING: Final = frozenset({"altair", "bokeh", "matplotlib", "plotly", "seaborn"})
LEARNING: Final = frozenset({"catboost", "lightgbm", "sklearn", "torch", "xgboost"})
CALLS: Final = "unfit_calls"
"""The name under which a watched notebook holds what its functions were asked."""


class Cells:
    """A notebook of any version as a document with readable ids.

    Parameters
    ----------
    path : str
        Relative to the project.
    cells : list of dict

    Attributes
    ----------
    functions : dict of str to Offered
        What it defines, by name.
    assigned : tuple of str
        What it gives values to, in their order.
    """

    def __init__(self, path: str, cells: list[dict[str, Any]]) -> None:
        self.path, self.cells = path, cells
        trees = [_parsed(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        self._body = [node for tree in trees for node in tree.body]
        self.code = "\n".join(map(ast.unparse, trees))
        self.functions = {
            node.name: Offered("", node.name, path, node) for node in self._body if _public(node)
        }
        self._values = dict(_assigned(self._body))
        self.assigned = tuple(self._values)

    @property
    def document(self) -> dict[str, Any]:
        """The notebook as it is written."""
        return {"cells": self.cells}

    def values(self) -> tuple[str, ...]:
        """List the names whose value a type of the contract may hold: no figures, and no models."""
        packages = dict(_imported(self._body))
        return tuple(name for name, value in self._values.items() if not _unheld(value, packages))

    def watched(self, names: Sequence[str], recorder: str) -> dict[str, Any]:
        """Write the notebook so that it notes what some of its functions are asked.

        Parameters
        ----------
        names : sequence of str
        recorder : str
            The module that notes it.
        """
        cells = []
        for cell in self.cells:
            cells.append(cell)
            nodes = _parsed(cell["source"]).body if cell["cell_type"] == "code" else []
            found = [node.name for node in nodes if _public(node) and node.name in names]
            if found:
                lines = [f"{name} = {recorder}.watched({name!r}, {name})" for name in found]
                cells.append(_code(f"unfit-{cell['id']}"[:64], [f"import {recorder}", *lines]))
        first = f"{CALLS} = {{call['entry']: call for call in reversed({recorder}.CALLS)}}"
        return {"cells": [*cells, _code("unfit-calls", [f"import {recorder}", first])]}


def cells_of(project: TeamProject) -> Cells:
    """Read the notebook of a project.

    Raises
    ------
    UsageError
        If it is none.
    """
    path = project.root / project.notebook
    try:
        read = nbformat.reads(path.read_text("utf-8"), as_version=4)
    except (
        ValueError,
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        AttributeError,
        KeyError,
        TypeError,
        RecursionError,
    ) as error:
        raise UsageError(f"{path}: is no notebook: {error}", fix="save it again from Jupyter") from None
    for number, cell in enumerate(read["cells"], start=1):
        if not (isinstance(cell, dict) and isinstance(cell.get("source"), str)):
            raise UsageError(
                f"{path}: is no notebook: cell {number} has no source", fix="save it again from Jupyter"
            )
    cells, taken = [], set()
    for number, cell in enumerate(read["cells"], start=1):
        own = str(cell.get("id") or f"cell-{number}")
        own = own if own not in taken and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", own) else f"cell-{number}"
        taken.add(own)
        cells.append({**cell, "id": own})
    return Cells(project.notebook, cells)


def _code(name: str, lines: Sequence[str]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return {**cell, "source": "\n".join(lines)}


def _parsed(source: str) -> ast.Module:
    """Parse a cell without its magic lines; as an empty one where that is not enough."""
    lines = [line if not line.lstrip().startswith(("%", "!")) else "pass" for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _public(node: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_")


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    """Go through the names that get a value, each with the last one."""
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else targets
        for target in targets:
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(one, ast.Name) and not one.id.startswith("_"):
                    yield one.id, getattr(node, "value", None)


def _imported(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Go through imported names, each with the package that it comes from."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (
                (one.asname or one.name.partition(".")[0], one.name.partition(".")[0]) for one in node.names
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((one.asname or one.name, node.module.partition(".")[0]) for one in node.names)


def _unheld(value: ast.expr | None, packages: Mapping[str, str]) -> bool:
    """Whether a value is a module, a figure or a model, as its code says."""
    if isinstance(value, ast.Name) and value.id in packages:
        return True
    chain: list[str] = []
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(value, ast.Attribute):
            chain.insert(0, value.attr)
        value = value.func if isinstance(value, ast.Call) else value.value
    root = value.id if isinstance(value, ast.Name) else ""
    package = packages.get(root, "")
    made = [one for one in [root, *chain] if one != "fit"][-1:]
    model = package in LEARNING and any(re.match(r"[A-Z]|make_", one) for one in made)
    return package in DRAWING or "plot" in chain or model
