"""Notebooks as documents of cells, in one canonical form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from unfit.bank.nearest_word import nearest
from unfit.errors import PlantingError

__all__ = [
    "canonical",
    "cell_sources",
    "is_notebook",
    "read_notebook",
    "rewrite",
    "write_notebook",
]

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""What every notebook of a bank says about its kernel."""

Document = dict[str, Any]


def is_notebook(path: str) -> bool:
    """Whether a path names a notebook."""
    return path.endswith(".ipynb")


def read_notebook(content: bytes, name: str) -> Document:
    """Parse a notebook of a bank.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        How to call it in an error.

    Returns
    -------
    document : dict
        With every source as one text.

    Raises
    ------
    PlantingError
        If it is no notebook of nbformat 4.5 with unique cell ids.
    """
    try:
        document = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PlantingError(f"{name}: is no notebook: {error}", fix="save it again from Jupyter") from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise PlantingError(f"{name}: is no notebook: it has no cells", fix="save it again from Jupyter")
    version = (document.get("nbformat"), document.get("nbformat_minor"))
    if version[0] != 4 or not isinstance(version[1], int) or version[1] < 5:
        raise PlantingError(f"{name}: is nbformat {version[0]}.{version[1]}", fix="save it as nbformat 4.5")
    _check_ids(document["cells"], name)
    import nbformat

    try:
        nbformat.validate(nbformat.from_dict(deepcopy(document)))
    except nbformat.ValidationError as error:
        reason = str(error).splitlines()[0]
        raise PlantingError(
            f"{name}: is no valid notebook: {reason}", fix="save it again from Jupyter"
        ) from None
    for cell in document["cells"]:
        source = cell["source"]
        cell["source"] = (source if isinstance(source, str) else "".join(source)).replace("\r\n", "\n")
        if not cell["source"].isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell["source"]):
            raise PlantingError(
                f"{name} cell `{cell['id']}`: holds half a character", fix="remove the broken letter"
            )
    return document


def _check_ids(cells: list[Any], name: str) -> None:
    ids = [cell.get("id") if isinstance(cell, dict) else None for cell in cells]
    for number, found in enumerate(ids, start=1):
        if not isinstance(found, str):
            raise PlantingError(
                f"{name}: cell {number} has no id", fix="give it a readable id, such as `split`"
            )
    for found, count in Counter(ids).items():
        if count > 1:
            raise PlantingError(
                f"{name}: {count} cells have the id `{found}`", fix="make every cell's id unique"
            )


def write_notebook(document: Document) -> bytes:
    """Write the canonical form: no outputs, no execution counts, nothing of the machine that ran it."""
    import nbformat

    cells = [_bare(cell) for cell in document["cells"]]
    bare = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return f"{nbformat.writes(nbformat.from_dict(bare))}\n".encode()


def _bare(cell: Mapping[str, Any]) -> Document:
    tags = cell.get("metadata", {}).get("tags")
    kept: Document = {
        "id": cell["id"],
        "cell_type": cell["cell_type"],
        "source": cell["source"],
        "metadata": {"tags": sorted(tags)} if tags else {},
    }
    if cell["cell_type"] == "code":
        kept |= {"outputs": [], "execution_count": None}
    elif "attachments" in cell:
        kept["attachments"] = cell["attachments"]
    return kept


def canonical(content: bytes, name: str) -> bytes:
    """Bring a notebook into canonical form.

    Raises
    ------
    PlantingError
        If it is no notebook of nbformat 4.5 with unique cell ids.
    """
    return write_notebook(read_notebook(content, name))


def cell_sources(content: bytes, name: str) -> dict[str, str]:
    """Source by cell id, in the order of the notebook."""
    return {cell["id"]: cell["source"] for cell in read_notebook(content, name)["cells"]}


def rewrite(content: bytes, name: str, sources: Mapping[str, str | None]) -> bytes:
    """Give cells another source, or leave those out whose source is None; the result is canonical.

    Raises
    ------
    PlantingError
        If the notebook has no cell of that id; names the nearest.
    """
    document = read_notebook(content, name)
    known = [cell["id"] for cell in document["cells"]]
    for wanted in sources:
        if wanted not in known:
            raise PlantingError(
                f"{name}: has no cell `{wanted}`{nearest(wanted, known)}", fix="mend the id in `cell`"
            )
    for cell in document["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    document["cells"] = [cell for cell in document["cells"] if cell["source"] is not None]
    return write_notebook(document)
