"""Versions: the edits that make one version of a file of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unfit.bank import Edit
from unfit.errors import PlantingError
from unfit.planting.differences import differences
from unfit.planting.notebook_documents import is_notebook, read_notebook

__all__ = ["differing"]


def differing(path: str, fixed: Mapping[str, bytes], broken: Mapping[str, bytes]) -> Iterator[Edit]:
    """Find the edits that make one version of a file of another.

    Raises
    ------
    PlantingError
        If no edit can: it is no text, or cells of a notebook came or moved.
    """
    yield from _in_notebook(path, fixed, broken) if is_notebook(path) else _in_text(path, fixed, broken)


def _in_text(path: str, fixed: Mapping[str, bytes], broken: Mapping[str, bytes]) -> Iterator[Edit]:
    try:
        texts = [tree[path].decode("utf-8") for tree in (fixed, broken)]
    except UnicodeDecodeError:
        raise PlantingError(
            f"{path}: changed, and is no UTF-8 text", fix="keep binary files as they are; a defect edits text"
        ) from None
    if any("\r" in text for text in texts):
        raise PlantingError(
            f"{path}: has carriage returns", fix="save it with \\n line ends, in both versions"
        )
    yield from _pairs(path, None, *texts)


def _pairs(path: str, cell: str | None, fixed: str, broken: str) -> Iterator[Edit]:
    try:
        for before, after in differences(fixed, broken):
            yield Edit(file=path, cell=cell, fixed=before, planted=after)
    except PlantingError as error:
        where = path if cell is None else f"{path} cell `{cell}`"
        raise PlantingError(f"{where}: {error.message}", fix=error.fix) from None


def _in_notebook(path: str, fixed: Mapping[str, bytes], broken: Mapping[str, bytes]) -> Iterator[Edit]:
    before, after = (
        {cell["id"]: cell for cell in read_notebook(tree[path], path)["cells"]} for tree in (fixed, broken)
    )
    _refuse_moved(path, list(before), list(after))
    for name, cell in before.items():
        if name not in after:
            yield Edit(file=path, cell=name, absent=True)
            continue
        if _rest(cell) != _rest(after[name]):
            raise PlantingError(
                f"{path} cell `{name}`: its kind, tags or attachments changed",
                fix="change the source of cells only",
            )
        if cell["source"] != after[name]["source"]:
            yield from _pairs(path, name, cell["source"], after[name]["source"])


def _refuse_moved(path: str, before: Sequence[str], after: Sequence[str]) -> None:
    for name in after:
        if name not in before:
            raise PlantingError(
                f"{path}: cell `{name}` is not in the fixed notebook; a defect can neither add nor rename a cell",
                fix="add the cell to the fixed notebook too, or change the source of one that is there",
            )
    if [name for name in before if name in after] != list(after):
        raise PlantingError(
            f"{path}: its cells changed their order", fix="move them back, and move code instead"
        )


def _rest(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    """Name what canonical form keeps of a cell besides its source."""
    return cell["cell_type"], sorted(cell["metadata"].get("tags", [])), cell.get("attachments")
