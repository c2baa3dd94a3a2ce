"""Kit names: what hidden code takes from the kit, and what must keep its name there when an exercise gets others."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from unfit import case, checks, experiments

__all__ = ["attributes", "marked", "unmarked"]

CLAIM: Final = frozenset({"rows", "known", "largest_fold"})
"""What of an `Evaluated` is a table, or returns one."""
COLUMNS: Final = frozenset({"id", "fold", "truth", "value"})
"""Its columns."""
MARK: Final = "0kept0"
"""No name begins with a digit, so what begins with this is none."""


@cache
def attributes() -> frozenset[str]:
    """Name the attributes of what hidden code gets from the kit."""
    modules = (case, checks, experiments)
    classes = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    return frozenset(
        name
        for kind in classes
        for name in (*dir(kind), *getattr(kind, "__annotations__", ()))
        if name[0] != "_"
    )


def marked(text: str, changing: Collection[str]) -> str:
    """Mark in hidden code the columns of the kit's tables, and say outright what the kit takes for granted.

    `Service` reads the field ``status`` and `Evaluated.of` the column ``fold`` unless they are told others. Where the
    contract's are about to change, the call says so.

    Parameters
    ----------
    text : str
        A hidden module.
    changing : collection of str
        Names that are about to get others.

    Returns
    -------
    text : str
        The same module, to be given to `unmarked` after the names have changed.
    """
    try:
        module = ast.parse(text)
    except SyntaxError:
        return text
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    content = text.encode()
    laid = {
        (starts[line - 1] + column, insert)
        for line, column, insert in (*_columns(module), *_spelt_out(module, frozenset(changing)))
    }
    for at, insert in sorted(laid, reverse=True):
        content = content[:at] + insert.encode() + content[at:]
    return content.decode()


def unmarked(text: str) -> str:
    """Take the marks out again."""
    return text.replace(MARK, "")


def _columns(module: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Find where a column of a claim is named: each place behind the quotation mark."""
    for scope in ast.walk(module):
        if not isinstance(scope, ast.FunctionDef):
            continue
        claims = {
            target.id
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign) and _is_claim(node.value, frozenset())
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(scope):
            if isinstance(node, ast.Subscript) and _is_claim(node.value, claims):
                yield from (
                    (one.lineno, one.col_offset + 1, MARK)
                    for one in ast.walk(node.slice)
                    if isinstance(one, ast.Constant) and one.value in COLUMNS
                )


def _is_claim(node: ast.expr, claims: Collection[str]) -> bool:
    """Whether an expression begins with a table of a claim."""
    match node:
        case ast.Attribute(attr=name) if name in CLAIM:
            return True
        case ast.Name(id=name):
            return name in claims
        case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Call(func=value):
            return _is_claim(value, claims)
    return False


def _spelt_out(module: ast.Module, changing: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Find where a call leaves a name to the kit that is about to change."""
    for node in ast.walk(module):
        given = {one.arg for one in node.keywords} if isinstance(node, ast.Call) else set()
        if not isinstance(node, ast.Call) or not node.keywords or None in given:
            continue  # `Service` and `Evaluated.of` take keywords only
        for name, default in _defaults(node.func).items():
            if default in changing and name not in given:
                last = node.keywords[-1]
                yield last.end_lineno or 0, last.end_col_offset or 0, f', {name}="{default}"'


def _defaults(called: ast.expr) -> dict[str, str]:
    """List what a function of the kit takes for granted, by argument, as far as it must be named."""
    match called:
        case ast.Name(id=name):
            found = getattr(experiments, name, None)
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            found = getattr(getattr(experiments, owner, None), name, None)
        case _:
            return {}
    if not callable(found):
        return {}
    arguments = inspect.signature(found).parameters.values()
    return {one.name: one.default for one in arguments if isinstance(one.default, str)}
