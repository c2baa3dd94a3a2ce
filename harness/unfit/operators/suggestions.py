"""Suggestions: every place of a fixed project where a usual mistake can be made."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from unfit.bank import Exercise, load_standard
from unfit.errors import PlantingError
from unfit.operators.all_operators import OPERATORS
from unfit.operators.changing import Change, planted
from unfit.operators.code import Code
from unfit.operators.notebook_module import taken_apart
from unfit.operators.operator import Operator
from unfit.operators.project_facts import codes
from unfit.planting import plant
from unfit.planting.differences import differences
from unfit.planting.edit_places import Span, find
from unfit.planting.linting import ruff
from unfit.planting.notebook_documents import cell_sources, rewrite

__all__ = ["Suggestion", "suggestions", "suggestions_of"]

Target = tuple[str, str | None]
"""A file, or a notebook with the id of a cell."""


@dataclass(frozen=True)
class Suggestion:
    """One mistake that could be made in one place.

    Parameters
    ----------
    number : int
        Its place in the list of an unchanged project.
    operator : Operator
    rule : str
        The rule of the standard that it breaks.
    title : str
    file : str
    cell : str or None
        Id of the notebook's cell.
    line : int
        Line of the fixed file or cell, counted from one.
    function : str
        The function or method; empty at the top of a module.
    texts : mapping
        Planted text of the file, or of each cell that changes.
    fixed : mapping
        The same, as it is.
    """

    number: int
    operator: Operator
    rule: str
    title: str
    file: str
    cell: str | None
    line: int
    function: str
    texts: Mapping[Target, str]
    fixed: Mapping[Target, str]

    @property
    def place(self) -> str:
        """File, cell, line and function, in words."""
        where = (
            f"{self.file}:{self.line}"
            if self.cell is None
            else f"{self.file} cell `{self.cell}` line {self.line}"
        )
        return f"{where}, {self.function}" if self.function else where

    @cached_property
    def difference(self) -> str:
        """A short unified difference from fixed to planted."""
        lines: list[str] = []
        for (file, cell), text in self.texts.items():
            name = file if cell is None else f"{file} [{cell}]"
            old, new = self.fixed[file, cell].split("\n"), text.split("\n")
            lines += difflib.unified_diff(old, new, f"{name} (fixed)", f"{name} (planted)", lineterm="", n=1)
        return "\n".join(lines).rstrip()

    @cached_property
    def spans(self) -> Mapping[Target, tuple[Span, ...]]:
        """What it changes of each text."""
        found = {}
        for target, text in self.texts.items():
            old = self.fixed[target]
            pairs = differences(old, text)
            found[target] = tuple(find(old, fixed, new, target[0]) for fixed, new in pairs)
        return found

    def clashes(self, other: Suggestion) -> str:
        """Name the file in which two suggestions change the same text; empty where they can stand together."""
        for target, own in self.spans.items():
            for one in own:
                if any(one.clashes(another) for another in other.spans.get(target, ())):
                    return target[0] if target[1] is None else f"{target[0]} cell `{target[1]}`"
        return ""

    def planted_in(self, tree: Mapping[str, bytes]) -> dict[str, bytes]:
        """Plant it in a tree that holds the fixed files."""
        new = dict(tree)
        cells: dict[str, dict[str, str | None]] = {}
        for (file, cell), text in self.texts.items():
            if cell is None:
                new[file] = text.encode()
            else:
                cells.setdefault(file, {})[cell] = text
        return new | {file: rewrite(tree[file], file, changed) for file, changed in cells.items()}


def suggestions(exercise: Exercise, *, operators: Sequence[Operator] = OPERATORS) -> tuple[Suggestion, ...]:
    """Find the places of an exercise's fixed project where a usual mistake can be made.

    Parameters
    ----------
    exercise : Exercise
    operators : sequence of Operator
        All of the kit's by default.

    Returns
    -------
    suggestions : tuple of Suggestion
        In the order of the text, numbered from one; the same for an unchanged project. Only those whose rule the bank's
        standard has.

    Raises
    ------
    PlantingError
        If a file of the project does not parse; names the file and the line.
    """
    if not exercise.project.is_dir():
        raise PlantingError(
            f"{exercise.name_of(exercise.project)}: there is no fixed project",
            fix="put the working project there",
        )
    shown = exercise.name_of(exercise.project)
    try:
        return suggestions_of(
            plant(exercise, ()), operators=operators, rules=load_standard(exercise.bank).ids
        )
    except PlantingError as error:
        raise PlantingError(f"{shown}/{error.message}", fix=error.fix) from None


def suggestions_of(
    tree: Mapping[str, bytes],
    *,
    operators: Sequence[Operator] = OPERATORS,
    rules: Iterable[str] | None = None,
) -> tuple[Suggestion, ...]:
    """Find the places of a tree; see `suggestions`."""
    known = None if rules is None else frozenset(rules)
    found: list[tuple[tuple[object, ...], Operator, Code, Change, str]] = []
    for code in codes(tree):
        for operator in operators:
            for change in operator.find(code):
                rule = change.rule or operator.rule
                if known is not None and rule not in known:
                    continue
                text = planted(code, change)
                if text is not None:
                    where = (code.file, *code.lines[change.at], operator.name)
                    found.append((where, operator, code, change, text))
    found.sort(key=lambda item: item[0])
    laid = _laid_out(tree, [(code, text) for _, _, code, _, text in found])
    numbered: list[Suggestion] = []
    seen: set[tuple[str, tuple[tuple[Target, str], ...]]] = set()
    for (_, operator, code, change, _), texts in zip(found, laid, strict=True):
        key = (operator.name, tuple(texts.items()))
        if not texts or key in seen:
            continue
        seen.add(key)
        cell, line = code.cell_of(change.at)
        numbered.append(
            Suggestion(
                number=len(numbered) + 1,
                operator=operator,
                rule=change.rule or operator.rule,
                title=change.title or operator.title,
                file=code.file,
                cell=cell,
                line=line,
                function=code.function(change.at),
                texts=texts,
                fixed={target: _fixed(tree, target) for target in texts},
            )
        )
    return tuple(numbered)


def _fixed(tree: Mapping[str, bytes], target: Target) -> str:
    file, cell = target
    return tree[file].decode("utf-8") if cell is None else cell_sources(tree[file], file)[cell]


def _laid_out(tree: Mapping[str, bytes], changed: Sequence[tuple[Code, str]]) -> list[dict[Target, str]]:
    """Texts by file or cell, in the project's own layout where ruff's formatter says the same of the fixed ones."""
    pieces: list[dict[Target, str]] = [dict(_pieces(code, text)) for code, text in changed]
    wanted = {(target, text) for texts in pieces for target, text in texts.items()}
    fixed = {target: _fixed(tree, target) for target, _ in wanted}
    formatted = _formatted(tree, {*wanted, *fixed.items()})
    out = []
    for texts in pieces:
        laid = {}
        for target, text in texts.items():
            before = fixed[target]
            stable = formatted.get((target, before)) == _ended(before)
            new = formatted.get((target, text), text) if stable else text
            laid[target] = new.removesuffix("\n") if target[1] is not None else new
        out.append({target: text for target, text in laid.items() if text != fixed[target]})
    return out


def _pieces(code: Code, text: str) -> Iterator[tuple[Target, str]]:
    if not code.notebook:
        yield (code.file, None), text
        return
    before = taken_apart(code.text)
    for cell, new in taken_apart(text).items():
        if new != before[cell]:
            yield (code.file, cell), new.strip("\n")


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _formatted(
    tree: Mapping[str, bytes], texts: Iterable[tuple[Target, str]]
) -> dict[tuple[Target, str], str]:
    """Let ruff lay out many texts at once, by the project's own settings."""
    given = list(texts)
    if not given:
        return {}
    with tempfile.TemporaryDirectory(prefix="unfit-layout-") as scratch:
        folder = Path(scratch).resolve()
        settings = [name for name in ("pyproject.toml", "ruff.toml", ".ruff.toml") if name in tree]
        for name in settings:
            (folder / name).write_bytes(tree[name])
        files = [folder / f"text_{number}.py" for number in range(len(given))]
        for file, (_, text) in zip(files, given, strict=True):
            file.write_text(_ended(text), "utf-8", newline="\n")
        how = [] if settings else ["--isolated"]
        ruff("format", "--no-cache", "--quiet", *how, ".", folder=folder)
        return {key: file.read_text("utf-8") for key, file in zip(given, files, strict=True)}
