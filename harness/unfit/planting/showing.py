"""Showing what one defect changes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from unfit.bank import Exercise
from unfit.planting.linting import Lint, added
from unfit.planting.notebook_documents import cell_sources, is_notebook
from unfit.planting.variants import plant

__all__ = ["show"]


def show(exercise: Exercise, defect: str) -> str:
    """Write the difference that planting a defect makes, and what a linter then finds.

    Parameters
    ----------
    exercise : Exercise
    defect : str
        Id of the defect.

    Returns
    -------
    text : str
        A unified difference from fixed to planted, notebooks cell by cell as text; below it the findings of ruff's
        every rule that the planted project has and the fixed one has not.
    """
    exercise.defect(defect)
    fixed, planted = plant(exercise, []), plant(exercise, [defect])
    lines = [line for path in fixed for line in _file(path, fixed, planted)]
    return "\n".join([*lines, "", *_findings(exercise, defect)]) + "\n"


def _findings(exercise: Exercise, defect: str) -> list[str]:
    found = added(exercise, [defect])
    if not found:
        return ["No linter's finding is added."]
    return ["Linter's findings that it adds:", *(f"  {_line(lint)}" for lint in found)]


def _line(lint: Lint) -> str:
    return f"{lint.place}: {lint.rule} {lint.message}"


def _file(path: str, fixed: Mapping[str, bytes], planted: Mapping[str, bytes]) -> Iterator[str]:
    before, after = fixed[path], planted.get(path)
    if before == after:
        return
    if is_notebook(path):
        yield from _notebook(path, before, after)
        return
    texts = before.decode("utf-8", "replace"), None if after is None else after.decode("utf-8", "replace")
    if "\0" in texts[0]:
        yield f"{path} is absent when planted."
        return
    yield from _unified(path, *texts)


def _notebook(path: str, before: bytes, after: bytes | None) -> Iterator[str]:
    remaining = {} if after is None else cell_sources(after, path)
    for cell, source in cell_sources(before, path).items():
        if source != remaining.get(cell):
            yield from _unified(f"{path} [{cell}]", source, remaining.get(cell))


def _unified(name: str, before: str, after: str | None) -> Iterator[str]:
    old = before.split("\n")
    new = [] if after is None else after.split("\n")
    label = "absent" if after is None else "planted"
    for lines in (old, new):
        if lines and not lines[-1]:
            lines.pop()
    yield from difflib.unified_diff(old, new, f"{name} (fixed)", f"{name} ({label})", lineterm="")
