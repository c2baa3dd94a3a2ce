"""Pull request: `main` holds no mistake, so that all of them come with the branch, which is of a size to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from unfit.bank import Exercise
from unfit.bank.exercises import HISTORY
from unfit.export import branched
from unfit.planting import plant
from unfit.planting.differences import hunks
from unfit.planting.notebook_documents import cell_sources, is_notebook
from unfit.validate.validation import Problem

__all__ = ["changed_lines", "unfit_pull_request"]

FEWEST, MOST = 150, 400
"""Changed lines of a branch: below, there is little to review; above, people stop reading."""
TELLING = re.compile(r"\w+\W+\w+\W+\w+")
"""A line of three words does not stand in two places by chance."""


def unfit_pull_request(exercise: Exercise) -> Iterator[Problem]:
    """Name what keeps an exercise from being handed out as a pull request; nothing where it is not meant to be.

    Parameters
    ----------
    exercise : Exercise
        With its hidden half.
    """
    if not exercise.has_pull_request:
        return
    where = exercise.name_of(exercise.solution / HISTORY)
    sound = branched(exercise, ()).main[-1].tree
    for path, line, defect in _planted(exercise, sound):
        what = f"`main` holds a line of the defect `{defect}` in {path}: {line!r}"
        yield _problem(
            where, what, "let the branch bring what the line is part of, or write it otherwise on `main`"
        )
    for form in exercise.forms:
        told = branched(exercise, form.defects)
        main, change = told.main[-1].tree, told.branch[-1].tree
        differing = [path for path in sorted(main.keys() | sound.keys()) if main.get(path) != sound.get(path)]
        if differing:
            what = f"planting changes {', '.join(differing)} on `main`, where nothing may be planted"
            yield _problem(f"{where}, form {form.name}", what, "let the branch bring what planting changes")
        lines = changed_lines(main, change)
        if not FEWEST <= lines <= MOST:
            what = f"the branch changes {lines} lines of code, where {FEWEST} to {MOST} are a review's work"
            yield _problem(
                f"{where}, form {form.name}", what, "let the branch bring more, or less, of the project"
            )


def changed_lines(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> int:
    """Count the lines of code that a change adds or removes; documents and data are set aside.

    Parameters
    ----------
    before, after : mapping of str to bytes
        The files of a project.
    """
    return sum(
        _differing(_lines(path, before.get(path, b"")), _lines(path, after.get(path, b"")))
        for path in before.keys() | after.keys()
        if not path.endswith((".md", ".txt")) and path.split("/", 1)[0] not in {"data", "docs"}
    )


def _differing(before: list[str], after: list[str]) -> int:
    return sum(end - start + len(instead) for start, end, instead in hunks(before, after))


def _lines(path: str, content: bytes) -> list[str]:
    """Read a file line by line, a notebook by the lines of its cells."""
    if is_notebook(path) and content:
        return [line for source in cell_sources(content, path).values() for line in source.splitlines()]
    return content.decode("utf-8", "replace").splitlines()


def _planted(exercise: Exercise, main: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """Find lines on ``main`` that stand only where a defect does, or only where it does not."""
    fixed = _telling(plant(exercise, ()))
    for defect in exercise.defects:
        differing = fixed ^ _telling(plant(exercise, [defect.id]))
        edited = {edit.file for edit in defect.edits}
        for path, content in main.items():
            for line in sorted(differing & _telling({path: content})):
                if path in edited or not line.startswith(
                    ("from ", "import ")
                ):  # elsewhere an import tells nothing
                    yield path, line, defect.id


def _telling(tree: Mapping[str, bytes]) -> set[str]:
    lines = (line.strip() for path, content in tree.items() for line in _lines(path, content))
    return {line for line in lines if TELLING.search(line)}


def _problem(where: str, what: str, fix: str) -> Problem:
    return Problem(gate="pull request", what=what, where=where, fix=fix)
