"""Forging: what is handed out, made to repeat its first answers; none of its defects may come out mended."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import nbformat

from unfit.bank import Entry, Exercise, NotebookEntry
from unfit.planting import shipped_tree
from unfit.validate import forger_memory
from unfit.validate.planning import Tree

__all__ = ["forged"]

WHY = "the planted code repeats what it first answered, recognised {way}: a comparison must not be fooled"


def forged(exercise: Exercise) -> tuple[Tree, ...]:
    """Lay out the forge corpus: each form with a memory around every entry point of the contract.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    trees : tuple of Tree
        The shipped exercise, and each further form with a defect that none before it has, recognising questions in each
        way of `remembered.WAYS`; judged under one seed. What a memory does to guards is its own affair.
    """
    return tuple(_trees(exercise))


def _trees(exercise: Exercise) -> Iterator[Tree]:
    forged: set[str] = set()
    forms = [("", exercise.default), *((f" in form {form.name}", form.defects) for form in exercise.forms)]
    for name, defects in forms:
        planted = frozenset(defects)
        if planted <= forged:
            continue
        forged |= planted
        for way in forger_memory.WAYS:
            files = _with_memory(exercise, shipped_tree(exercise, defects), way)
            yield Tree(f"forge/{way}{name}", "forge", files, planted, why=WHY.format(way=way), once=True)


def _with_memory(exercise: Exercise, files: Mapping[str, bytes], way: str) -> dict[str, bytes]:
    """Wrap every entry point and every notebook."""
    contract = exercise.manifest.contract
    laid = dict(files)
    beside = [str(PurePosixPath(notebook.path).parent) for notebook in contract.notebook]
    laid[str(PurePosixPath((*contract.paths, *beside)[0], "remembered.py"))] = inspect.getsource(
        forger_memory
    ).encode()
    for entry in contract.entry:
        path = _module(entry, contract.paths, laid)
        laid[path] = laid[path] + _wrapped(entry, way)
    for notebook in contract.notebook:
        laid[notebook.path] = _with_cell(laid[notebook.path], _cell(notebook, way))
    return dict(sorted(laid.items()))


def _module(entry: Entry, paths: Sequence[str], files: Mapping[str, bytes]) -> str:
    """Find the file of an entry point's module."""
    stem = entry.call.partition(":")[0].replace(".", "/")
    places = [f"{path}/{stem}{end}" for path in paths for end in (".py", "/__init__.py")]
    return next(place for place in places if place in files)


def _wrapped(entry: Entry, way: str) -> bytes:
    name = entry.call.partition(":")[2]
    owner, _, last = name.rpartition(".")
    target = f"{owner}.{last}" if owner else last
    return (
        f"\n\nfrom remembered import remember as _remember\n\n{target} = _remember({target}, {way!r})\n"
    ).encode()


def _cell(notebook: NotebookEntry, way: str) -> str:
    names = [list(notebook.defines), list(notebook.functions), list(notebook.reads)]
    return f"from remembered import repeat\n\nrepeat(globals(), {way!r}, *{names!r})"


def _with_cell(content: bytes, source: str) -> bytes:
    """Add a last cell to a notebook."""
    whole = nbformat.reads(content.decode(), as_version=4)
    whole.cells.append(nbformat.v4.new_code_cell(source, id="remembered"))
    written: str = nbformat.writes(whole)
    return f"{written}\n".encode()
