"""Entering: a corpus entry from a working copy that its author changed by hand."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from unfit import corpus
from unfit.bank import Exercise, Expectation, read_tree
from unfit.bank.exercises import EDITS, EXPECT
from unfit.bank.nearest_word import nearest
from unfit.checks import load_checks
from unfit.errors import PlantingError, UsageError
from unfit.grades import DefectStatus, Outcome, Verdict, status_of
from unfit.planting import write_tree
from unfit.planting.notebook_documents import canonical, is_notebook
from unfit.planting.patching import replacements
from unfit.planting.recording import SCHEMA, edits_text
from unfit.sandbox import Backend
from unfit.trying import attempt
from unfit.validate.planning import roles_of

__all__ = ["Entered", "HandWritten", "begin", "enter"]

KINDS = ("right", "wrong")
WHY = {"right": "why it is right", "wrong": "why it is tempting, and what is still wrong"}


@dataclass(frozen=True)
class HandWritten:
    """A corpus entry that is written by hand, new or there already.

    Parameters
    ----------
    exercise : Exercise
    kind : {"right", "wrong"}
    name : str
        Lower case, words joined by underscores.
    form : str, default="default"
        The form that it changes, where it is new.

    Raises
    ------
    UsageError
        If there is no such kind or form, or the name cannot be that of a folder.
    """

    exercise: Exercise
    kind: str
    name: str
    form: str = "default"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(
                f"`{self.kind}` is no kind of corpus entry{nearest(self.kind, KINDS)}",
                fix="say right or wrong",
            )
        if not self.name.isidentifier() or not self.name.isascii() or self.name.startswith("_"):
            raise UsageError(
                f"`{self.name}` is no name for an entry",
                fix="name the idea in lower case, with underscores: larger_sample",
            )
        if self.exercise.forms:
            self.exercise.form(self.form)

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self.exercise.solution / "corpus" / self.kind / self.name

    @property
    def shown(self) -> str:
        """Its folder as errors show it."""
        return self.exercise.name_of(self.folder)

    @property
    def expect(self) -> Expectation | None:
        """What it says of itself already."""
        return corpus.expectation(self.exercise, self.folder)

    def base(self) -> dict[str, bytes]:
        """Make the tree that it changes."""
        said = self.expect or Expectation(format=1, why="new", form=self.form)
        return corpus.base_of(self.exercise, said)


@dataclass(frozen=True)
class Entered:
    """What was kept of a working copy.

    Parameters
    ----------
    folder : Path
    edits : int
        Texts that it replaces.
    whole : tuple of str
        Files that it brings whole.
    delete : tuple of str
        Files that it deletes.
    drafted : bool
        Whether its ``expect.toml`` is new.
    told : tuple of str
        What the checks said, and what is to be done.
    """

    folder: Path
    edits: int
    whole: tuple[str, ...]
    delete: tuple[str, ...]
    drafted: bool
    told: tuple[str, ...]


def begin(entry: HandWritten, to: Path) -> tuple[str, ...]:
    """Write a working copy: what candidates get, with what the entry changes in it so far.

    Parameters
    ----------
    entry : HandWritten
    to : Path
        A new folder.

    Returns
    -------
    misfits : tuple of str
        Edits of the entry that fit no longer, and are left to be made again.
    """
    if not entry.folder.is_dir():
        write_tree(entry.base(), to)
        return ()
    laid = corpus.lay_what_fits(entry.exercise, entry.folder)
    write_tree(laid.tree, to)
    return laid.misfits


def enter(entry: HandWritten, copy: Path, *, backend: Backend, seed: int) -> Entered:
    """Keep what a working copy changes as a corpus entry.

    Parameters
    ----------
    entry : HandWritten
        One that is there already is replaced; what its ``expect.toml`` says stays.
    copy : Path
        What candidates get, mended or spoiled by hand.
    backend : Backend
        Where the checks are asked about it; where it cannot confine anything, they are not.
    seed : int

    Raises
    ------
    UsageError
        If there is no such folder, or it changes nothing.
    """
    if not copy.is_dir():
        raise UsageError(f"{copy}: there is no such folder", fix="name the changed copy of the exercise")
    base = entry.base()
    tree = _tidied(entry.exercise, read_tree(copy))
    edits, whole = replacements(base, tree)
    delete = tuple(path for path in base if path not in tree)
    if not (edits or whole or delete):
        raise UsageError(f"{copy}: holds what candidates get", fix="change it by hand first, then enter it")
    brought = {path: tree[path] for path in whole}
    seen = _Seen.of(entry, tree, backend, seed)
    said = entry.expect
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=_made(entry.folder.parent)) as scratch:
        new = Path(scratch) / entry.name
        write_tree(brought, new)
        if edits:
            (new / EDITS).write_text(edits_text(edits), encoding="utf-8", newline="\n")
        text = _expect_text(entry, seen, delete) if said is None else _with_delete(entry, delete)
        (new / EXPECT).write_text(text, encoding="utf-8", newline="\n")
        _replace(entry.folder, new, Path(scratch) / "former")
    told = seen.told if said is None else (*seen.told, *seen.against(said))
    return Entered(entry.folder, len(edits), whole, delete, said is None, told)


def _tidied(exercise: Exercise, tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what the project's own commands write, and what running a notebook leaves in it."""
    made = exercise.manifest.generated
    kept = {
        path: content
        for path, content in tree.items()
        if not any(f"{path}/".startswith(f"{one}/") for one in made)
    }
    for path, content in kept.items():
        if is_notebook(path):
            try:
                kept[path] = canonical(content, path)
            except PlantingError:
                continue
    return kept


@dataclass(frozen=True)
class _Seen:
    """What the checks say of an entry.

    Parameters
    ----------
    standing : tuple of str
        Defects that stand in its base.
    statuses : mapping of str to DefectStatus
        By defect with a check; empty where nothing was asked.
    broken : tuple of str
        Guards that do not pass.
    why_not : str
        Why nothing was asked.
    """

    standing: tuple[str, ...]
    statuses: Mapping[str, DefectStatus]
    broken: tuple[str, ...]
    why_not: str = ""

    @classmethod
    def of(cls, entry: HandWritten, tree: Mapping[str, bytes], backend: Backend, seed: int) -> _Seen:
        exercise = entry.exercise
        standing = _standing(entry)
        obstacles = backend.check()
        if obstacles or exercise.check_names is None:
            return cls(standing, {}, (), obstacles[0] if obstacles else "there is no checks.py yet")
        checks = load_checks(exercise.solution)
        done = attempt(exercise, tree, checks, backend=backend, seed=seed, said=entry.shown)
        verdicts: dict[str, Verdict] = {verdict.check: verdict for verdict in done.verdicts}
        roles = roles_of(exercise, checks)
        return cls(
            standing,
            {
                defect: status_of(tuple(verdicts[name] for name in names))
                for defect, names in roles.checks.items()
            },
            tuple(name for name in roles.guards if verdicts[name].outcome is not Outcome.PASSED),
        )

    def those(self, *statuses: DefectStatus) -> list[str]:
        """Name the defects of the base with one of these statuses."""
        return [defect for defect in self.standing if self.statuses.get(defect) in statuses]

    @property
    def mended(self) -> list[str]:
        return self.those(DefectStatus.MENDED)

    @property
    def unproven(self) -> list[str]:
        return self.those(DefectStatus.ERRORED, DefectStatus.UNPROVEN)

    @property
    def told(self) -> tuple[str, ...]:
        """What the checks said, in sentences."""
        if self.why_not:
            return (f"no check was asked: {self.why_not}",)
        named = {
            "mended": self.mended,
            "not mended": self.those(DefectStatus.NOT_MENDED),
            "not judged": self.unproven,
            "guards that do not pass": list(self.broken),
        }
        return tuple(f"{what}: {', '.join(names)}" for what, names in named.items() if names)

    def against(self, said: Expectation) -> tuple[str, ...]:
        """Say where an expectation says otherwise."""
        broken = [one for one in self.standing if one in self.statuses and one not in self.mended]
        pairs = {
            "fixes": (said.fixes, self.mended) if said.base == "shipped" else ((), ()),
            "breaks": (said.breaks, broken) if said.base == "fixed" else ((), ()),
            "guards_broken": (said.guards_broken, self.broken),
        }
        return tuple(
            f"{EXPECT} says {key} = {sorted(stated)}, and the checks say {sorted(found)}"
            for key, (stated, found) in pairs.items()
            if set(stated) != set(found) and not self.why_not
        )


def _standing(entry: HandWritten) -> tuple[str, ...]:
    said = entry.expect
    if said is not None and said.base == "fixed":
        return tuple(defect.id for defect in entry.exercise.defects)
    return entry.exercise.form(said.form if said else entry.form).defects if entry.exercise.forms else ()


def _expect_text(entry: HandWritten, seen: _Seen, delete: Sequence[str]) -> str:
    facts: dict[str, Any] = {"format": 1}
    if entry.form != "default":
        facts["form"] = entry.form
    facts["fixes"] = seen.mended
    for key, names in (("guards_broken", seen.broken), ("unproven", seen.unproven), ("delete", delete)):
        if names:
            facts[key] = list(names)
    facts["why"] = f"{corpus.TO_FILL_IN}{WHY[entry.kind]}."
    return f"{SCHEMA.format('expect')}{tomlkit.dumps(facts)}"


def _with_delete(entry: HandWritten, delete: Sequence[str]) -> str:
    document = tomlkit.parse((entry.folder / EXPECT).read_text("utf-8"))
    if delete:
        document["delete"] = list(delete)
    else:
        document.pop("delete", None)
    return tomlkit.dumps(document)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _replace(folder: Path, new: Path, former: Path) -> None:
    """Put an entry in the place of its former self."""
    if folder.exists():
        shutil.move(folder, former)
    new.rename(folder)
