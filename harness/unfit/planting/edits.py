"""Edits of an exercise, resolved against its fixed project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from unfit.bank import Defect, DefectsManifest, Edit, Exercise, read_tree
from unfit.bank.nearest_word import nearest
from unfit.errors import PlantingError, UsageError
from unfit.planting.edit_places import Span, find, line_of
from unfit.planting.notebook_documents import cell_sources, is_notebook

__all__ = ["Placed", "Resolved", "resolve", "resolve_tree", "text_of"]

Target = tuple[str, str | None]
"""A file, or a notebook with the id of a cell."""


@dataclass(frozen=True)
class Placed:
    """One edit with its place in the fixed project.

    Parameters
    ----------
    defect : str
        Id of its defect.
    number : int
        Which of the defect's edits, counted from one.
    edit : Edit
    span : Span or None
        None where the file or the cell is absent.
    line : int
        Line of the fixed text at which it begins.
    """

    defect: str
    number: int
    edit: Edit
    span: Span | None
    line: int

    @property
    def target(self) -> Target:
        """The text that it changes."""
        return self.edit.file, self.edit.cell

    @property
    def place(self) -> str:
        """File, cell and line, in words."""
        return f"{self.edit.place} line {self.line}" if self.span else self.edit.place

    def clashes(self, other: Placed) -> bool:
        """Whether the two cannot both be planted."""
        if self.edit.file != other.edit.file:
            return False
        if any(one.edit.absent and one.edit.cell is None for one in (self, other)):
            return True
        if self.edit.cell != other.edit.cell:
            return False
        return self.span is None or other.span is None or self.span.clashes(other.span)


@dataclass(frozen=True)
class Resolved:
    """A fixed project with every edit in its place.

    Parameters
    ----------
    tree : mapping of str to bytes
        The fixed project as it is on disk.
    texts : mapping
        Text by target, of everything that is edited.
    placed : mapping of str to tuple of Placed
        Edits by defect.
    """

    tree: Mapping[str, bytes]
    texts: Mapping[Target, str]
    placed: Mapping[str, tuple[Placed, ...]]
    excluded: Collection[tuple[str, str]]

    def choose(self, defects: Iterable[str]) -> list[Placed]:
        """Edits of a subset of the defects, in an order that does not depend on how the subset was written.

        Raises
        ------
        UsageError
            If there is no such defect.
        PlantingError
            If two of them exclude each other.
        """
        chosen = sorted(set(defects))
        for name in chosen:
            if name not in self.placed:
                raise UsageError(
                    f"there is no defect `{name}`{nearest(name, self.placed)}",
                    fix="choose defects of the exercise",
                )
        for one, other in combinations(chosen, 2):
            if (one, other) in self.excluded:
                raise PlantingError(
                    f"defects `{one}` and `{other}` exclude each other", fix="plant one of them at a time"
                )
        return [edit for name in chosen for edit in self.placed[name]]


def resolve(exercise: Exercise) -> Resolved:
    """Read the fixed project and find every edit in it.

    Raises
    ------
    PlantingError
        If an edit does not match, or two that could stand together overlap.
    """
    if not exercise.project.is_dir():
        raise PlantingError(
            f"{exercise.name_of(exercise.project)}: there is no fixed project",
            fix="put the working project there",
        )
    shown = exercise.name_of(exercise.solution / "defects.toml")
    return resolve_tree(read_tree(exercise.project), exercise.defects_manifest, shown=shown)


def resolve_tree(tree: Mapping[str, bytes], manifest: DefectsManifest, *, shown: str) -> Resolved:
    """Find every edit of a manifest in a fixed project; `shown` names the manifest in errors."""
    texts: dict[Target, str] = {}
    placed = {defect.id: tuple(_place(tree, texts, defect, shown)) for defect in manifest.defects}
    _refuse_clashes([edit for edits in placed.values() for edit in edits], set(manifest.excluded), shown)
    return Resolved(tree, texts, placed, frozenset(manifest.excluded))


def _place(
    tree: Mapping[str, bytes], texts: dict[Target, str], defect: Defect, shown: str
) -> Iterable[Placed]:
    for number, edit in enumerate(defect.edits, start=1):
        try:
            text = text_of(tree, edit)
            if edit.absent:
                yield Placed(defect.id, number, edit, None, 1)
                continue
            span = find(text, edit.fixed or "", edit.planted or "", edit.place)
        except PlantingError as error:
            where = f"{shown}: defect `{defect.id}`, edit {number}"
            raise PlantingError(f"{where}: {error.message}", fix=error.fix) from None
        texts[edit.file, edit.cell] = text
        yield Placed(defect.id, number, edit, span, line_of(text, span.start))


def text_of(tree: Mapping[str, bytes], edit: Edit, *, called: str = "the fixed project") -> str:
    """Read the text that an edit changes; empty for a whole file that is absent."""
    if edit.file not in tree:
        hint = nearest(edit.file, tree)
        raise PlantingError(f"{called} has no file {edit.file}{hint}", fix="mend the path in `file`")
    content = tree[edit.file]
    if edit.cell is not None:
        sources = cell_sources(content, edit.file)
        if edit.cell not in sources:
            hint = nearest(edit.cell, sources)
            raise PlantingError(f"{edit.file} has no cell `{edit.cell}`{hint}", fix="mend the id in `cell`")
        return sources[edit.cell]
    if edit.absent or is_notebook(edit.file):
        return ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PlantingError(f"{edit.file} is no UTF-8 text: {error}", fix="edit text files only") from None
    if "\r" in text:
        line = line_of(text, text.index("\r"))
        raise PlantingError(
            f"{edit.file} line {line} ends with a carriage return", fix="save it with \\n line ends"
        )
    return text


def _refuse_clashes(edits: list[Placed], excluded: Collection[tuple[str, str]], shown: str) -> None:
    for one, other in combinations(edits, 2):
        if tuple(sorted((one.defect, other.defect))) in excluded or not one.clashes(other):
            continue
        raise PlantingError(
            f"{shown}: defect `{one.defect}`, edit {one.number}, and defect `{other.defect}`, edit {other.number}, "
            f"overlap in {other.place}",
            fix="narrow them to what each changes, or say `excludes` where the two cannot stand together"
            if one.defect != other.defect
            else "join the two edits into one",
        )
