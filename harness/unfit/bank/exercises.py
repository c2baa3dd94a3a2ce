"""Exercises of a bank, with their hidden half where it is present."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from unfit.bank.forms import COVER, pairwise_cover
from unfit.bank.manifest_reading import read_manifest
from unfit.bank.manifests import (
    Decoy,
    DecoysManifest,
    Defect,
    DefectsManifest,
    EditsManifest,
    ErrataManifest,
    Erratum,
    ExerciseManifest,
    Expectation,
    Form,
    HistoryManifest,
    PullRequest,
    Replacement,
)
from unfit.bank.nearest_word import nearest
from unfit.bank.standards import load_standard
from unfit.bank.trees import digest_of, is_junk, read_tree
from unfit.errors import CheckError, ManifestError, UsageError

__all__ = ["Bank", "CorpusEntry", "Exercise", "load_bank", "load_exercise", "overlay_of"]

T = TypeVar("T")

HARM = "harm.json"
"""What `validate` measured; it follows from the rest, so no digest counts it."""
VERDICTS = "verdicts.xz"
"""What `validate` saw when it was clean, so that it need not look again; no digest counts it either."""
BASELINE = "baseline.toml"
"""How often assistants mended what; it judges nothing, so no digest counts it."""
WRITTEN_ASIDE = frozenset({HARM, VERDICTS, BASELINE})
"""What the kit writes beside a solution: no part of it."""
EXPECT = "expect.toml"
EDITS = "edits.toml"
"""What a corpus entry says of itself; no part of the tree that it stands for."""
HISTORY = "history.toml"
"""How the project came about; no verdict depends on it, so no digest counts it."""


@dataclass(frozen=True)
class CorpusEntry:
    """A fix that somebody could hand in, and how it must be judged.

    Parameters
    ----------
    name : str
        Name of its folder.
    kind : {"right", "wrong"}
        Whether every fix in it is a correct one.
    folder : Path
        What is laid over its base; ``expect.toml`` and ``edits.toml`` in it are no part of the tree.
    expect : Expectation
    edits : tuple of Replacement
        What it changes in files of its base.
    """

    name: str
    kind: Literal["right", "wrong"]
    folder: Path
    expect: Expectation
    edits: tuple[Replacement, ...] = ()

    @property
    def files(self) -> dict[str, bytes]:
        """What it lays over its base whole, by path."""
        return overlay_of(self.folder)

    @property
    def touched(self) -> frozenset[str]:
        """Files of its base that it replaces, changes or deletes, and those that it adds."""
        return frozenset({*self.files, *(edit.file for edit in self.edits), *self.expect.delete})


@dataclass(frozen=True)
class Exercise:
    """One exercise of a bank; what is not needed is not read.

    Parameters
    ----------
    slug : str
        Name of its folders.
    bank : Path
        The bank's folder.
    manifest : ExerciseManifest
        What ``exercise.toml`` says.
    """

    slug: str
    bank: Path
    manifest: ExerciseManifest

    @property
    def solution(self) -> Path:
        """Folder of the hidden half; missing on a candidate's side."""
        return self.bank / "solutions" / self.slug

    @property
    def project(self) -> Path:
        """Folder of the fixed project."""
        return self.solution / "project"

    @property
    def shipped_folder(self) -> Path:
        """Folder that a candidate gets."""
        return self.bank / "exercises" / self.slug

    @property
    def complete(self) -> bool:
        """Whether the hidden half is here."""
        return self.solution.is_dir()

    @property
    def manifest_path(self) -> Path:
        """The ``exercise.toml`` that was read."""
        return _manifest_path(self.bank, self.slug)

    @cached_property
    def digest(self) -> str:
        """Content hash of the solution's folder, or of the shipped one where there is no solution."""
        tree = read_tree(self.solution if self.solution.is_dir() else self.shipped_folder)
        return digest_of(
            {path: content for path, content in tree.items() if path not in {*WRITTEN_ASIDE, HISTORY}}
        )

    @cached_property
    def defects_manifest(self) -> DefectsManifest:
        """What ``defects.toml`` says."""
        path = self._hidden("defects.toml")
        manifest = read_manifest(path, DefectsManifest, shown=self.name_of(path))
        for defect in manifest.defects:
            self._checks_exist(path, f"defect[{defect.id}].checks", defect.checks)
        self._rules_exist(path, manifest.defects)
        return manifest

    @property
    def defects(self) -> tuple[Defect, ...]:
        """Every defect, in the order of the file."""
        return self.defects_manifest.defects

    @property
    def default(self) -> tuple[str, ...]:
        """Ids of the defects in the shipped exercise."""
        return self.defects_manifest.default

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms that can be handed out: the default one, those listed, those of a pairwise cover of the defects.

        Where nothing is planted by default, there is no default form and no cover.
        """
        ids, manifest = self.default, self.defects_manifest
        if not ids:
            return manifest.forms
        known = (Form(name="default", defects=ids), *manifest.forms)
        cover = pairwise_cover(
            [defect.id for defect in manifest.defects],
            excluded=manifest.excluded,
            size=len(ids),
            given=[form.defects for form in known],
        )
        named = (Form(name=f"{COVER}-{n}", defects=defects) for n, defects in enumerate(cover, start=1))
        return (*known, *named)

    @cached_property
    def decoys(self) -> tuple[Decoy, ...]:
        """Every decoy; none where there is no ``decoys.toml``."""
        path = self._hidden("decoys.toml")
        if not path.exists():
            return ()
        decoys = read_manifest(path, DecoysManifest, shown=self.name_of(path)).decoys
        for decoy in decoys:
            self._checks_exist(path, f"decoy[{decoy.id}].check", [decoy.check])
        return decoys

    @cached_property
    def errata(self) -> tuple[Erratum, ...]:
        """What is known of checks that judged wrongly; none where there is no ``errata.toml``."""
        path = self._hidden("errata.toml")
        if not path.exists():
            return ()
        errata = read_manifest(path, ErrataManifest, shown=self.name_of(path)).errata
        ids = [defect.id for defect in self.defects]
        for erratum in errata:
            _known(self.name_of(path), f"erratum[{erratum.id}].defects", erratum.defects, ids, "defect")
        return errata

    @cached_property
    def history(self) -> HistoryManifest | None:
        """What ``history.toml`` says; None where there is none, or where the hidden half is not here."""
        path = self.solution / HISTORY
        return read_manifest(path, HistoryManifest, shown=self.name_of(path)) if path.is_file() else None

    @property
    def has_pull_request(self) -> bool:
        """Whether it can be handed out as a pull request."""
        return self.history is not None and self.history.pull_request is not None

    @property
    def pull_request(self) -> PullRequest:
        """What ``history.toml`` says of the pull request as which it can be handed out.

        Raises
        ------
        UsageError
            If it says nothing, or the hidden half is not here.
        """
        request = self.history.pull_request if self.history else None
        if request is None:
            missing = f"{HISTORY} has no [pull_request]" if self.complete else "the hidden half is not here"
            raise UsageError(
                f"{self.slug}: cannot be handed out as a pull request: {missing}",
                fix="choose an exercise of which `unfit list` says that it can, or leave out --as",
            )
        return request

    @cached_property
    def corpus(self) -> tuple[CorpusEntry, ...]:
        """Every corpus entry, right ones first, each sorted by name."""
        root = self._hidden("corpus")
        kinds: tuple[Literal["right", "wrong"], ...] = ("right", "wrong")
        return tuple(
            self._corpus_entry(folder, kind)
            for kind in kinds
            for folder in sorted((root / kind).glob("*"))
            if folder.is_dir() and not folder.name.startswith((".", "_"))
        )

    @cached_property
    def check_names(self) -> tuple[str, ...] | None:
        """Names in ``checks.py`` that a manifest can use, read without running it; None where there is no such file."""
        path = self._hidden("checks.py")
        if not path.exists():
            return None
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except SyntaxError as error:
            where = f"{self.name_of(path)}:{error.lineno}"
            raise CheckError(f"{where}: {error.msg}", fix="mend the syntax") from None
        return tuple(name for node in tree.body for name in _defined(node))

    def defect(self, name: str) -> Defect:
        """Find a defect by its id.

        Raises
        ------
        UsageError
            If there is none; names the nearest.
        """
        return _pick("defect", name, {defect.id: defect for defect in self.defects}, self.slug)

    def form(self, name: str) -> Form:
        """Find a form by its name.

        Raises
        ------
        UsageError
            If there is none; names the nearest, and all there are.
        """
        return _pick(
            "form", name, {form.name: form for form in self.forms}, self.slug, fix=self.forms_named()
        )

    def forms_named(self) -> str:
        """Say which forms there are, for whoever has to choose one."""
        listed = "".join(f"\n    {form.name}: {', '.join(form.defects)}" for form in self.forms)
        return (
            f"choose one of these forms:{listed}"
            if listed
            else "plant a defect by default, or list a [[form]]"
        )

    def name_of(self, path: Path) -> str:
        """Write a path relative to the bank, as errors show it."""
        return path.relative_to(self.bank).as_posix() if path.is_relative_to(self.bank) else str(path)

    def _hidden(self, name: str) -> Path:
        if not self.solution.is_dir():
            raise UsageError(
                f"{self.bank}: the hidden half of `{self.slug}`, solutions/{self.slug}, is not here",
                fix="run this where the whole bank is, or name that bank with --bank DIR",
            )
        return self.solution / name

    def _corpus_entry(self, folder: Path, kind: Literal["right", "wrong"]) -> CorpusEntry:
        path = folder / EXPECT
        expect = read_manifest(path, Expectation, shown=self.name_of(path))
        ids = [defect.id for defect in self.defects]
        for key in ("fixes", "breaks", "unproven", "attempts"):
            _known(self.name_of(path), key, getattr(expect, key), ids, "defect")
        _known(
            self.name_of(path),
            "form",
            [expect.form],
            [form.name for form in self.forms] or ["default"],
            "form",
        )
        if expect.base == "shipped":
            planted = self.form(expect.form).defects if self.forms else ()
            _known(
                self.name_of(path),
                "fixes",
                expect.fixes,
                planted,
                f"planted defect of the form `{expect.form}`",
            )
        self._checks_exist(path, "guards_broken", expect.guards_broken)
        return CorpusEntry(folder.name, kind, folder, expect, self.replacements(folder))

    def replacements(self, folder: Path) -> tuple[Replacement, ...]:
        """Read what an overlay changes in files of its base; none where it has no ``edits.toml``."""
        path = folder / EDITS
        return read_manifest(path, EditsManifest, shown=self.name_of(path)).edits if path.is_file() else ()

    def _rules_exist(self, path: Path, defects: Iterable[Defect]) -> None:
        """Compare the rules that defects break with the bank's standard."""
        for defect in defects:
            if defect.rule is not None:
                ids = load_standard(self.bank).ids
                _known(
                    self.name_of(path),
                    f"defect[{defect.id}].rule",
                    [defect.rule],
                    ids,
                    "rule of the standard",
                )

    def _checks_exist(self, path: Path, key: str, names: Iterable[str]) -> None:
        """Compare with the names in ``checks.py``, once somebody has begun to write it."""
        known = self.check_names
        if known is not None:
            _known(self.name_of(path), key, names, known, "check")


@dataclass(frozen=True)
class Bank:
    """A folder with ``exercises/`` and ``solutions/``.

    Parameters
    ----------
    root : Path
        The folder.
    slugs : tuple of str
        Its exercises, sorted.
    """

    root: Path
    slugs: tuple[str, ...]

    def exercise(self, slug: str) -> Exercise:
        """Read one exercise, from its hidden half where that is present, else from what a candidate has.

        Raises
        ------
        UsageError
            If the bank has no such exercise; names the nearest.
        ManifestError
            If its ``exercise.toml`` is missing or breaks its format.
        """
        if slug not in self.slugs:
            raise UsageError(
                f"{self.root}: there is no exercise `{slug}`{nearest(slug, self.slugs)}",
                fix="choose one of the bank's exercises, or another bank with --bank DIR",
            )
        exercise = load_exercise(self.root, slug)
        if exercise.complete:
            _ = exercise.defects_manifest
        return exercise


def overlay_of(folder: Path) -> dict[str, bytes]:
    """Read the files that a corpus entry, or a sample, lays over its base whole, by path."""
    return {path: content for path, content in read_tree(folder).items() if path not in {EXPECT, EDITS}}


def load_bank(path: Path) -> Bank:
    """Open a bank.

    Parameters
    ----------
    path : Path
        A folder that holds ``solutions/``, ``exercises/`` or both.

    Returns
    -------
    bank : Bank

    Raises
    ------
    UsageError
        If the folder is missing or is no bank.
    ManifestError
        If an exercise's folder has a name that cannot be imported.
    """
    path = path.absolute()
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such folder", fix="name a bank's folder with --bank DIR")
    halves = [path / half for half in ("solutions", "exercises") if (path / half).is_dir()]
    if not halves:
        raise UsageError(
            f"{path}: is no bank: it has neither solutions/ nor exercises/",
            fix="name a bank's folder with --bank DIR",
        )
    folders = [folder for half in halves for folder in half.iterdir() if _is_exercise(folder)]
    for folder in folders:
        if not folder.name.isidentifier() or folder.name != folder.name.lower():
            raise ManifestError(
                f"{folder.relative_to(path)}: is no name for an exercise",
                fix="rename it in lower_case_with_underscores",
            )
    return Bank(path, tuple(sorted({folder.name for folder in folders})))


def load_exercise(bank: Path, slug: str) -> Exercise:
    """Read one exercise's ``exercise.toml``; the rest is read when it is asked for."""
    path = _manifest_path(bank, slug)
    manifest = read_manifest(path, ExerciseManifest, shown=path.relative_to(bank).as_posix())
    return Exercise(slug, bank, manifest)


def _manifest_path(bank: Path, slug: str) -> Path:
    """Find ``exercise.toml``, the hidden half's first; where there is none, say where it belongs."""
    hidden, public = (bank / half / slug / "exercise.toml" for half in ("solutions", "exercises"))
    return public if not hidden.is_file() and (public.is_file() or not hidden.parent.is_dir()) else hidden


def _is_exercise(folder: Path) -> bool:
    return folder.is_dir() and not folder.name.startswith(("_", ".")) and not is_junk(folder.name)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [node.name] if node.decorator_list else []
    if isinstance(node, ast.ImportFrom) and node.level:
        return [alias.asname or alias.name for alias in node.names]
    return []


def _pick(kind: str, name: str, choices: Mapping[str, T], slug: str, *, fix: str = "") -> T:
    if name not in choices:
        raise UsageError(
            f"`{slug}` has no {kind} `{name}`{nearest(name, choices)}",
            fix=fix or f"choose one of the exercise's {kind}s",
        )
    return choices[name]


def _known(shown: str, key: str, names: Iterable[str], known: Iterable[str], kind: str) -> None:
    choices = list(known)
    for name in names:
        if name not in choices:
            raise ManifestError(
                f"{shown}: `{key}` names `{name}`, which is no {kind}{nearest(name, choices)}",
                fix=f"mend `{key}` in {shown}",
            )
