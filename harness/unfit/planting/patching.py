"""Patching: a tree with some of its texts replaced, and the replacements that make one tree of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from unfit.bank import Edit
from unfit.errors import PlantingError
from unfit.planting.edit_places import Span, find, line_of, replace
from unfit.planting.edits import Target, text_of
from unfit.planting.notebook_documents import is_notebook, rewrite
from unfit.planting.versions import differing

__all__ = ["as_far_as_it_fits", "patched", "replacements"]

BASE = "the exercise"


def patched(tree: Mapping[str, bytes], edits: Sequence[Edit], *, shown: str) -> dict[str, bytes]:
    """Apply edits to a tree.

    Parameters
    ----------
    tree : mapping of str to bytes
    edits : sequence of Edit
    shown : str
        How to call the file of the edits in an error.

    Raises
    ------
    PlantingError
        If an edit does not fit, or two of them overlap; the edit and its place are named.
    """
    whole, misfits = as_far_as_it_fits(tree, edits, shown=shown)
    if misfits:
        raise misfits[0]
    return whole


def as_far_as_it_fits(
    tree: Mapping[str, bytes], edits: Sequence[Edit], *, shown: str
) -> tuple[dict[str, bytes], tuple[PlantingError, ...]]:
    """Apply the edits that fit a tree, and say why the others do not; see `patched`."""
    texts: dict[Target, str] = {}
    spans: dict[Target, list[Span]] = {}
    gone: set[Target] = set()
    misfits = []
    for number, edit in enumerate(edits, start=1):
        target = edit.file, edit.cell
        try:
            text = texts.setdefault(target, text_of(tree, edit, called=BASE))
            if edit.absent:
                gone.add(target)
                continue
            span = find(text, edit.fixed or "", edit.planted or "", edit.place, key="was")
            if any(span.clashes(other) for other in spans.get(target, ())):
                place = f"{edit.place} line {line_of(text, span.start)}"
                raise PlantingError(f"overlaps another edit in {place}", fix="join the two into one")  # noqa: TRY301
        except PlantingError as error:
            misfits.append(PlantingError(f"{shown}: edit {number}: {error.message}", fix=error.fix))
            continue
        spans.setdefault(target, []).append(span)
    new = {target: replace(texts[target], found) for target, found in spans.items()}
    return _with_texts(tree, new, gone), tuple(misfits)


def _with_texts(
    tree: Mapping[str, bytes], texts: Mapping[Target, str], gone: set[Target]
) -> dict[str, bytes]:
    whole = dict(tree)
    for path in {file for file, _ in (*texts, *gone)}:
        if is_notebook(path):
            cells: dict[str, str | None] = {
                cell: text for (file, cell), text in texts.items() if file == path and cell is not None
            }
            cells |= {cell: None for file, cell in gone if file == path and cell is not None}
            whole[path] = rewrite(tree[path], path, cells)
        else:
            whole[path] = texts[path, None].encode()
    return whole


def replacements(
    before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Find the edits that make one tree of another, and the files that no edit can make.

    Parameters
    ----------
    before, after : mapping of str to bytes
        Files of `before` that `after` does not have are passed over.

    Returns
    -------
    edits : tuple of Edit
    whole : tuple of str
        Files that are new, are no text, or whose cells came or moved.
    """
    edits: list[Edit] = []
    whole = []
    for path, content in after.items():
        if content == before.get(path):
            continue
        try:
            found = tuple(differing(path, before, after)) if path in before else ()
            fits = bool(found) and patched({path: before[path]}, found, shown=path)[path] == content
        except PlantingError:
            fits = False
        if fits:
            edits += found
        else:
            whole.append(path)
    return tuple(edits), tuple(whole)
