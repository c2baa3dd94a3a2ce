"""Retelling: the story of a derived exercise in words of its author's own."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from unfit.bank.exercises import EDITS, HISTORY
from unfit.errors import UsageError

__all__ = ["documents", "retold"]

MANIFEST: Final = "exercise.toml"
DEFECTS: Final = "defects.toml"
SAID: Final = frozenset({"title", "story"})
"""Keys of the manifest that tell a story."""


def documents(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Choose what of a solution tells its story to candidates.

    Parameters
    ----------
    tree : mapping of str to bytes
        A solution, by path.

    Returns
    -------
    documents : dict of str to bytes
        Its manifest and history, the documents of the project, and modules that hold a docstring.
    """
    return {path: content for path, content in sorted(tree.items()) if _tells(path, content)}


def _tells(path: str, content: bytes) -> bool:
    if path in {MANIFEST, HISTORY}:
        return True
    if not path.startswith("project/"):
        return False
    return path.endswith((".md", ".txt")) or (path.endswith(".py") and b'"""' in content)


def retold(tree: Mapping[str, bytes], told: Mapping[str, bytes]) -> dict[str, bytes]:
    """Lay documents over a solution; edits that quote a docstring follow it.

    Parameters
    ----------
    tree : mapping of str to bytes
        The solution, under its new names.
    told : mapping of str to bytes
        What `documents` chose of it, in other words.

    Raises
    ------
    UsageError
        If one of them is no document of it, or changes more than what is told: code beside docstrings and comments, or
        the contract.
    """
    known = documents(tree)
    for path, content in told.items():
        if path not in known:
            raise UsageError(f"{path}: is no document of the exercise", fix="take it out of the folder")
        if path.endswith(".py") and _code(content, path) != _code(known[path], path):
            raise UsageError(
                f"{path}: changes code, where only docstrings and comments may differ",
                fix="give it other names in the table of names instead",
            )
        if path == MANIFEST and _contract(content, path) != _contract(known[path], path):
            raise UsageError(
                f"{path}: changes more than `title`, `story` and `does`", fix="leave the contract as it is"
            )
    quoting = {path: content for path, content in tree.items() if path.endswith((DEFECTS, EDITS))}
    for path, content in told.items():
        if path.endswith(".py"):
            quoting = {name: _quoted_anew(text, known[path], content) for name, text in quoting.items()}
    return {**tree, **quoting, **told}


def _said(module: ast.Module) -> Iterator[ast.Constant]:
    """List the docstrings of a module, those behind constants among them, in their order."""
    for node in ast.walk(module):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as said):
                yield said


def _quoted_anew(hidden: bytes, old: bytes, new: bytes) -> bytes:
    """Let edits that quote a docstring of a module quote the one that took its place."""
    olds, news = (
        [ast.get_source_segment(text, said) or "" for said in _said(ast.parse(text))]
        for text in (old.decode(), new.decode())
    )
    for was, now in zip(olds, news, strict=True):
        hidden = hidden.replace(was.encode(), now.encode())
    return hidden


def _code(content: bytes, path: str) -> str:
    """Write a module without what it says."""
    try:
        module = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{path}: does not parse: {error}", fix="mend it") from None
    for said in _said(module):
        said.value = ""
    return ast.dump(module)


def _contract(content: bytes, path: str) -> list[tuple[str, Any]]:
    """List what a manifest holds besides what it tells."""
    try:
        return list(_flat(tomllib.loads(content.decode())))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is no TOML: {error}", fix="mend it") from None


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if not (path == "" and key in SAID) and key != "does":
            yield f"{path}.{key}", "" if isinstance(item, dict | list) else item
            yield from _flat(item, f"{path}.{key}")
