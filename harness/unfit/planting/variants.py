"""Variants: the project with some of its defects planted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from unfit.bank import Bank, Exercise, read_tree
from unfit.brief import some_of
from unfit.errors import StaleError
from unfit.planting.edit_places import Span, line_of, replace, reversed_spans
from unfit.planting.edits import Placed, Resolved, Target, resolve
from unfit.planting.notebook_documents import canonical, is_notebook, rewrite
from unfit.planting.tree_writing import write_tree

__all__ = [
    "Place",
    "Variant",
    "ensure_current",
    "plant",
    "planted_tree",
    "regenerate",
    "shipped_tree",
    "stale",
]

REVIEW = "REVIEW.md"
MANIFEST = "exercise.toml"


@dataclass(frozen=True)
class Place:
    """Where a planted edit stands in a variant.

    Parameters
    ----------
    file : str
    cell : str or None
        Id of the notebook's cell.
    first, last : int
        Lines of the planted file or cell, counted from one; both 0 where it is absent.
    """

    file: str
    cell: str | None
    first: int
    last: int


@dataclass(frozen=True)
class Variant:
    """The project with some of its defects planted; what is asked of it is made once.

    Parameters
    ----------
    exercise : Exercise
    defects : tuple of str
        Ids, in any order; none gives the fixed project.
    """

    exercise: Exercise
    defects: tuple[str, ...]

    @classmethod
    def of(cls, exercise: Exercise, defects: Iterable[str] | None = None) -> Variant:
        """Take the defects of a form; the default ones where none are given."""
        return cls(exercise, tuple(exercise.default if defects is None else defects))

    @cached_property
    def resolved(self) -> Resolved:
        """The fixed project with every edit in its place; see `unfit.planting.edits.resolve`."""
        return resolve(self.exercise)

    @cached_property
    def tree(self) -> dict[str, bytes]:
        """The project with these defects; see `plant`."""
        return planted_tree(self.resolved, self.defects)

    @cached_property
    def shipped_tree(self) -> dict[str, bytes]:
        """What a candidate gets: the tree with the public manifest and a review to fill in."""
        tree = {**self.tree, MANIFEST: self.exercise.manifest_path.read_bytes()}
        if REVIEW not in tree:
            tree[REVIEW] = files("unfit").joinpath("templates", REVIEW).read_bytes()
        return dict(sorted(tree.items()))

    @cached_property
    def places(self) -> dict[str, tuple[Place, ...]]:
        """Where each planted defect stands, by defect, in the order of its edits."""
        edits = self.resolved.choose(self.defects)
        found: dict[str, list[Place]] = {}
        for edit in edits:
            found.setdefault(edit.defect, []).append(_place(self.resolved, edit, edits))
        return {defect: tuple(places) for defect, places in found.items()}


def plant(exercise: Exercise, defects: Iterable[str]) -> dict[str, bytes]:
    """Make the project with a subset of its defects.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str
        Ids, in any order; none gives the fixed project.

    Returns
    -------
    tree : dict of str to bytes
        Content by relative path, sorted; notebooks in canonical form.

    Raises
    ------
    PlantingError
        If an edit does not match, two of them overlap, or two defects exclude each other.
    UsageError
        If there is no such defect.
    """
    return Variant(exercise, tuple(defects)).tree


def planted_tree(resolved: Resolved, defects: Iterable[str]) -> dict[str, bytes]:
    """Make the tree of a subset of the defects from edits that are resolved already; see `plant`."""
    edits = resolved.choose(defects)
    gone = {edit.edit.file for edit in edits if edit.edit.absent and edit.edit.cell is None}
    texts = _texts(resolved, edits)
    tree = {}
    for path, content in resolved.tree.items():
        if path in gone:
            continue
        if is_notebook(path):
            cells = {cell: text for (file, cell), text in texts.items() if file == path and cell is not None}
            tree[path] = rewrite(content, path, cells)
        else:
            text = texts.get((path, None))
            tree[path] = content if text is None else text.encode()
    return tree


def _texts(resolved: Resolved, edits: Iterable[Placed]) -> dict[Target, str | None]:
    """Planted text by target; None for a cell that is absent."""
    spans: dict[Target, list[Span]] = {}
    texts: dict[Target, str | None] = {}
    for edit in edits:
        if edit.span is None:
            texts[edit.target] = None
        else:
            spans.setdefault(edit.target, []).append(edit.span)
    return texts | {target: replace(resolved.texts[target], found) for target, found in spans.items()}


def _place(resolved: Resolved, edit: Placed, edits: Iterable[Placed]) -> Place:
    file, cell = edit.target
    if edit.span is None:
        return Place(file, cell, 0, 0)
    fixed = resolved.texts[edit.target]
    spans = sorted(other.span for other in edits if other.target == edit.target and other.span is not None)
    text = replace(fixed, spans)
    planted = reversed_spans(fixed, spans)[spans.index(edit.span)]
    last = max(planted.start, planted.start + len(edit.span.planted.rstrip("\n")) - 1)
    return Place(file, cell, line_of(text, planted.start), line_of(text, last))


def shipped_tree(exercise: Exercise, defects: Iterable[str] | None = None) -> dict[str, bytes]:
    """Make what a candidate gets: a variant with its public manifest and a review to fill in.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str, optional
        Those of a form; the default ones where not given.

    Returns
    -------
    tree : dict of str to bytes
    """
    return Variant.of(exercise, defects).shipped_tree


def stale(exercise: Exercise) -> list[str]:
    """Name the files that planting would change.

    Returns
    -------
    paths : list of str
        Relative to the bank, sorted: files of ``exercises/`` that differ, are missing or should not be there, and
        notebooks of the fixed project that are not in canonical form.
    """
    wanted, found = shipped_tree(exercise), read_tree(exercise.shipped_folder)
    paths = [
        exercise.shipped_folder / path
        for path in wanted.keys() | found.keys()
        if wanted.get(path) != found.get(path)
    ]
    paths += [exercise.project / path for path in _untidy(exercise)]
    return sorted(exercise.name_of(path) for path in paths)


def ensure_current(exercise: Exercise) -> None:
    """Make sure that ``exercises/`` is what the bank would plant.

    Raises
    ------
    StaleError
        If it is not; names the command that mends it.
    """
    paths = stale(exercise)
    if paths:
        raise StaleError(
            f"exercises/{exercise.slug} is not what the bank plants: {some_of(paths, 5)}",
            fix="run: unfit plant",
        )


def regenerate(bank: Bank, slugs: Sequence[str] = ()) -> dict[str, list[str]]:
    """Write ``exercises/`` anew, and the fixed projects' notebooks in canonical form.

    Parameters
    ----------
    bank : Bank
    slugs : sequence of str, default=()
        Exercises to write; all of them by default.

    Returns
    -------
    changed : dict of str to list of str
        By slug, the paths that were stale.
    """
    changed = {}
    for slug in slugs or bank.slugs:
        exercise = bank.exercise(slug)
        changed[slug] = stale(exercise)
        for path, content in _untidy(exercise).items():
            (exercise.project / path).write_bytes(content)
        write_tree(shipped_tree(exercise), exercise.shipped_folder)
    return changed


def _untidy(exercise: Exercise) -> dict[str, bytes]:
    """Canonical form of each notebook of the fixed project that is not in it."""
    tree = read_tree(exercise.project)
    forms = {path: canonical(content, path) for path, content in tree.items() if is_notebook(path)}
    return {path: content for path, content in forms.items() if content != tree[path]}
