"""Which notebook a submission means, where it brings more of them than it was handed out with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from unfit.brief import some_of
from unfit.errors import SubmissionError
from unfit.notebook_cells import double_ids, submitted_sources
from unfit.planting.notebook_documents import is_notebook
from unfit.submission import is_copy

__all__ = ["remarks"]

MOST_CELLS = 0.5
"""The share of a notebook's cells by which another one is known as its copy, whatever it is called."""


def remarks(
    notebooks: Sequence[str], files: Mapping[str, bytes], handed_out: Callable[[], Mapping[str, bytes]]
) -> Iterator[str]:
    """Say of each notebook that is graded what is odd about it.

    Parameters
    ----------
    notebooks : sequence of str
        Paths that the contract names.
    files : mapping of str to bytes
        The submission's.
    handed_out : callable
        Gives the files as they were handed out; only asked where the submission has further notebooks.

    Yields
    ------
    note : str
        On a copy that was changed as well, or on cells that have the id of another one.

    Raises
    ------
    SubmissionError
        If a notebook is missing and a copy of it lies elsewhere.
    """
    others = sorted(path for path in files if is_notebook(path) and path not in notebooks)
    handed = handed_out() if notebooks and others else {}
    for path in notebooks:
        copies = [
            other
            for other in others
            if other not in handed and _is_copy(other, path, files[other], handed[path])
        ]
        if path not in files and copies:
            raise SubmissionError(
                f"there is no `{path}`, and {_named(copies)} {'is' if len(copies) == 1 else 'are'} like a copy of it",
                fix=f"let the one to be graded be `{path}`; no grade was written",
            )
        changed = [other for other in copies if _cells(files[other]) != _cells(handed[path])]
        changed = [other for other in changed if _cells(files[other]) != _cells(files[path])]
        if changed:
            yield _which(path, changed, untouched=_cells(files[path]) == _cells(handed[path]))
        if doubles := double_ids(files.get(path, b"")):
            shared = "1 cell has" if doubles == 1 else f"{doubles:,} cells have"
            yield f"`{path}`: {shared} the id of another cell; each is called by its place instead."


def _which(path: str, copies: Sequence[str], *, untouched: bool) -> str:
    """Say which notebook was graded, and how to grade another one."""
    how = f"to grade a copy instead, let it be `{path}` and grade again"
    if untouched:
        return (
            f"`{path}` was graded, and is as it was handed out; its copy, {_named(copies)}, was changed and was not "
            f"graded: {how}."
        )
    return f"`{path}` was graded; its copy, {_named(copies)}, was changed too and was not graded: {how}."


def _is_copy(other: str, path: str, content: bytes, handed: bytes) -> bool:
    """Know a copy by its name, or by the cells that it still has of what was handed out."""
    name, original = (one.rpartition("/")[2] for one in (other, path))
    if name == original or is_copy(name, original):
        return True
    given, cells = _cells(handed), set(_cells(content))
    return sum(cell in cells for cell in given) >= MOST_CELLS * max(len(given), 1)


def _cells(content: bytes) -> list[str]:
    """Read what Jupyter leaves alone when it runs and saves a notebook."""
    return [source for text in submitted_sources(content).values() if (source := text.strip())]


def _named(paths: Sequence[str]) -> str:
    return some_of(paths, 3, joint=" and ", write=lambda path: f"`{path}`")
