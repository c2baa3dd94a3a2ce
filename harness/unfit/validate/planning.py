"""The plan: every tree that an exercise's checks must judge rightly, with how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from unfit import corpus
from unfit.bank import Exercise, digest_of
from unfit.checks import Check
from unfit.planting import shipped_tree
from unfit.review.places import cells_of

__all__ = ["Expected", "Kind", "Roles", "Tree", "plan", "roles_of"]

Kind = Literal["fixed", "alone", "all but", "shipped", "form", "empty", "right", "wrong", "sample", "forge"]
Expected = Literal["passed", "not passed", "either"]

UNRUN: Final = (".md", "exercise.toml")
"""How names of files end that tell people something, and that no run opens unless its code names one."""

VARIANTS: tuple[Kind, ...] = ("fixed", "alone", "all but", "shipped", "form")
"""Kinds that planting makes, as against those that somebody wrote."""


@dataclass(frozen=True)
class Tree:
    """One submission that the checks must judge, and how.

    Parameters
    ----------
    name : str
    kind : str
        Where it comes from.
    files : mapping of str to bytes
    planted : frozenset of str
        Defects that stand in it: none of them may come out mended.
    mended : frozenset of str
        Defects that must come out mended; those in neither set are not judged.
    guards_broken : frozenset of str
        Guards that must not pass.
    unproven : frozenset of str
        Of the defects that stand: those that nobody can judge here, because the tree breaks what their checks need.
    why : str
    once : bool
        Whether one seed is enough: it asks how defects stand together, which no seed decides.
    """

    name: str
    kind: Kind
    files: Mapping[str, bytes] = field(repr=False)
    planted: frozenset[str] = frozenset()
    mended: frozenset[str] = frozenset()
    guards_broken: frozenset[str] = frozenset()
    unproven: frozenset[str] = frozenset()
    why: str = ""
    once: bool = False

    def seeds(self, drawn: Sequence[int]) -> Sequence[int]:
        """Choose the seeds under which it is judged."""
        return drawn[:1] if self.once else drawn

    @cached_property
    def digest(self) -> str:
        """Content hash of all that a verdict can depend on: without documents, where no code names one."""
        return digest_of(_that_runs(self.files))

    @property
    def variant(self) -> bool:
        """Whether planting alone made it."""
        return self.kind in VARIANTS


@dataclass(frozen=True)
class Roles:
    """Which check proves what.

    Parameters
    ----------
    owners : mapping of str to tuple of str
        Defects by the check that they name.
    decoys : mapping of str to str
        Decoy by the check that proves it right.
    guards : tuple of str
        Checks that nothing names.
    """

    owners: Mapping[str, tuple[str, ...]]
    decoys: Mapping[str, str]
    guards: tuple[str, ...]

    @cached_property
    def checks(self) -> Mapping[str, tuple[str, ...]]:
        """The checks of each defect, by its id."""
        ids = dict.fromkeys(owner for owners in self.owners.values() for owner in owners)
        return {one: tuple(check for check, owners in self.owners.items() if one in owners) for one in ids}

    def expected(self, tree: Tree, check: str) -> Expected:
        """Say how a check must end on a tree."""
        if tree.kind == "empty":
            return "not passed"
        if check in tree.guards_broken:
            return "not passed"
        owners = self.owners.get(check, ())
        if not owners:
            return "either" if tree.kind == "forge" else "passed"
        standing = tree.planted.intersection(owners)
        if standing:
            return "not passed" if tree.kind == "alone" or len(self._checks_of(standing)) == 1 else "either"
        return "passed" if tree.mended.intersection(owners) else "either"

    def _checks_of(self, defects: Iterable[str]) -> set[str]:
        return {check for check, owners in self.owners.items() if set(owners).intersection(defects)}


def _that_runs(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out documents and the story, unless the code of the tree could open one by its name."""
    named = any(ending.encode() in code for code in _code(files) for ending in UNRUN)
    return {name: content for name, content in files.items() if named or not name.endswith(UNRUN)}


def _code(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield what runs of a tree: modules, and the code of notebooks."""
    for name, content in files.items():
        if name.endswith(".py"):
            yield content
        elif name.endswith(".ipynb"):
            yield "\n".join(source for _, kind, source in cells_of(files, name) if kind == "code").encode()


def roles_of(exercise: Exercise, checks: Sequence[Check]) -> Roles:
    """Sort checks by what names them: a defect, a decoy, or nothing."""
    owners = {
        check.name: tuple(defect.id for defect in exercise.defects if check.name in defect.checks)
        for check in checks
    }
    decoys = {decoy.check: decoy.id for decoy in exercise.decoys}
    guards = tuple(check.name for check in checks if not owners[check.name] and check.name not in decoys)
    return Roles({name: ids for name, ids in owners.items() if ids}, decoys, guards)


def plan(exercise: Exercise) -> tuple[Tree, ...]:
    """Lay out every tree that the checks must judge.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    trees : tuple of Tree
        Fixed; each defect alone; all but each default one; shipped; each further form; all but each one of those, once;
        the empty project; the corpus.

    Raises
    ------
    BankError
        If an edit cannot be planted or an overlay cannot be laid.
    """
    return (*_variants(exercise), Tree("empty", "empty", _empty(exercise)), *_corpus(exercise))


def _variants(exercise: Exercise) -> Iterator[Tree]:
    default = exercise.default
    others = [form for form in exercise.forms if form.name != "default"]
    yield _variant(exercise, "fixed", "fixed", ())
    for defect in exercise.defects:
        yield _variant(exercise, f"alone {defect.id}", "alone", (defect.id,))
    if default:
        yield from _all_but(exercise, default, "all but")
        yield _variant(exercise, "shipped", "shipped", default)
    for form in others:
        yield _variant(exercise, f"form {form.name}", "form", form.defects)
    seen = {frozenset(form.defects) for form in others} | {frozenset((one.id,)) for one in exercise.defects}
    seen |= {frozenset(default) - {absent} for absent in default}
    for form in others:
        for tree in _all_but(exercise, form.defects, f"form {form.name} but", once=True):
            if tree.planted not in seen:
                seen.add(tree.planted)
                yield tree


def _all_but(exercise: Exercise, defects: Sequence[str], name: str, *, once: bool = False) -> Iterator[Tree]:
    """Leave each defect of a form out in turn: it must come out mended, and the others not."""
    for absent in defects if len(defects) > 1 else ():
        if exercise.defect(absent).checks:
            rest = [other for other in defects if other != absent]
            yield _variant(exercise, f"{name} {absent}", "all but", rest, once=once)


def _variant(
    exercise: Exercise, name: str, kind: Kind, defects: Sequence[str], *, once: bool = False
) -> Tree:
    ids = frozenset(defect.id for defect in exercise.defects)
    planted = frozenset(defects)
    return Tree(name, kind, shipped_tree(exercise, defects), planted, ids - planted, once=once)


def _empty(exercise: Exercise) -> dict[str, bytes]:
    return {"exercise.toml": (exercise.solution / "exercise.toml").read_bytes()}


def _corpus(exercise: Exercise) -> Iterator[Tree]:
    ids = frozenset(defect.id for defect in exercise.defects)
    for entry in corpus.entries(exercise):
        expect = entry.expect
        if expect.base == "fixed" or not exercise.forms:
            standing, form = frozenset(expect.breaks), ids
        else:
            form = frozenset(exercise.form(expect.form).defects)
            standing = form - frozenset(expect.fixes)
        yield Tree(
            f"{entry.kind}/{entry.name}",
            entry.kind,
            corpus.lay(exercise, entry.folder),
            standing,
            (ids if entry.kind == "right" else form) - standing,
            frozenset(expect.guards_broken),
            frozenset(expect.unproven),
            expect.why,
        )
    folder = corpus.sample(exercise)
    if folder is not None:
        why = "the sample submission: what it mends is its own affair, guards and decoys hold"
        yield Tree("sample", "sample", corpus.lay(exercise, folder), why=why)
