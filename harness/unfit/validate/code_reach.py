"""Reach: which part of a module one of its functions depends on, so that mending another leaves it as it was."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["digests_by_reach", "library_reached"]


_LIBRARY = "unfit.experiments."


@dataclass(frozen=True)
class _Piece:
    """One statement at the top of a module; without names it belongs to everything."""

    text: str
    names: frozenset[str]
    mentions: frozenset[str]


def digests_by_reach(source: str) -> dict[str, str]:
    """Hash for each function at the top of a module all that it can reach there.

    Parameters
    ----------
    source : str
        The module's text; it must compile.

    Returns
    -------
    digests : dict of str to str
        By function, with the experiments of the library that it uses. Comments and the layout of lines count for
        nothing; docstrings do, but for the library's.

    Notes
    -----
    What a function reaches is what its text mentions, also as a string, as `check(requires=("a_guard",))` does, and
    what that mentions in turn. Statements that bind no name, and star imports, count for every function. A name that
    is put together while the module runs is not seen.
    """
    tree = ast.parse(source)
    pieces = [piece for statement in tree.body for piece in _pieces(statement)]
    functions = [item.name for item in tree.body if isinstance(item, ast.FunctionDef)]
    return {name: _digest(pieces, name) for name in functions}


def library_reached(*sources: str) -> list[str]:
    """Return the code of the library of experiments that modules use.

    Parameters
    ----------
    *sources : str
        Each a module's text; it must compile.

    Returns
    -------
    texts : list of str
        Sorted statements: each experiment that a module imports, with all that it reaches in the library, without
        docstrings. Empty where no module imports any.
    """
    texts, done = set[str](), set[tuple[str, str]]()
    waiting = {pair for source in sources for pair in _from_library(ast.parse(source))}
    while waiting:
        module, name = waiting.pop()
        done.add((module, name))
        pieces = _library(module)
        known = any(name in piece.names for piece in pieces)
        reached = {piece.text for piece in (_reached(pieces, name) if known else pieces)}
        texts |= reached
        waiting |= {pair for text in reached for pair in _from_library(ast.parse(text))} - done
    return sorted(texts)


def _from_library(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if f"{module}.".startswith(_LIBRARY):
                yield from ((module.removeprefix(_LIBRARY[:-1]).strip("."), alias.name) for alias in names)
            case ast.Import(names=names):
                named = (f"{alias.name}." for alias in names)
                yield from (
                    (name.removeprefix(_LIBRARY).strip("."), "*")
                    for name in named
                    if name.startswith(_LIBRARY)
                )


@cache
def _library(module: str) -> list[_Piece]:
    source = files("unfit.experiments").joinpath(f"{module or '__init__'}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return [piece for statement in tree.body for piece in _pieces(statement)]


def _digest(pieces: list[_Piece], name: str) -> str:
    texts = [piece.text for piece in _reached(pieces, name)]
    return hashlib.sha256("\0".join([*texts, *library_reached(*texts)]).encode()).hexdigest()


def _reached(pieces: list[_Piece], name: str) -> list[_Piece]:
    reached, waiting = set[str](), {name}
    while waiting:
        reached |= waiting
        mentioned = (piece.mentions for piece in pieces if not piece.names or piece.names & reached)
        waiting = set().union(*mentioned) - reached
    return [piece for piece in pieces if not piece.names or piece.names & reached]


def _pieces(statement: ast.stmt) -> Iterator[_Piece]:
    """Split imports by name, so that one more concerns nobody who does not use it."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            one = copy.copy(statement)
            one.names = [alias]
            bound = (alias.asname or alias.name).partition(".")[0]
            yield _Piece(ast.unparse(one), frozenset({bound} - {"*"}), frozenset())
    else:
        yield _Piece(ast.unparse(statement), frozenset(_bound(statement)), frozenset(_mentions(statement)))


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets) if all(isinstance(node, ast.Name | ast.Tuple) for node in targets):
            yield from (
                node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
            )
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _mentions(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) | ast.Constant(value=str(name)):
                yield name
