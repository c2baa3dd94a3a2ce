"""History: the commits that led to a project, each a part of what is handed out and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from unfit.bank.exercises import HISTORY
from unfit.bank.suggesting import nearest
from unfit.errors import ManifestError
from unfit.export.contents import drawn
from unfit.export.parts import Part, can_be_cut, cut, joined
from unfit.planting import plant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from unfit.bank import Change, Commit, Exercise
    from unfit.export.parts import Imported

__all__ = ["Snapshot", "history_of", "only_there"]

ALL = "."


@dataclass(frozen=True)
class Snapshot:
    """One commit, with all files as it leaves them.

    Parameters
    ----------
    author : str
        Name and address.
    at : datetime
    message : str
    tree : mapping of str to bytes
        Content by path.
    """

    author: str
    at: datetime
    message: str
    tree: Mapping[str, bytes]


def history_of(
    exercise: Exercise, defects: Iterable[str], *, seed: int | None = None
) -> tuple[Snapshot, ...]:
    """Make the commits that led to a form of an exercise.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str
        Those of the form.
    seed : int, optional
        Draws the shipped data anew.

    Returns
    -------
    history : tuple of Snapshot
        Oldest first; the last one holds the project as planted, byte for byte. A commit that brings nothing to this
        form is left out. Empty where the exercise has no ``history.toml``, or its hidden half is not here.

    Raises
    ------
    ManifestError
        If ``history.toml`` names what the project does not have, or leaves a file out.
    """
    manifest = exercise.history
    if manifest is None:
        return ()
    fixed, tree = plant(exercise, ()), plant(exercise, defects)
    if seed is not None:
        tree |= drawn(exercise, seed, tree)
    teller = _Teller(exercise, manifest.commits, fixed, tree)
    found: list[Snapshot] = []
    for commit, files in zip(manifest.commits, teller.trees(), strict=True):
        if files != (found[-1].tree if found else {}):
            found.append(Snapshot(manifest.people[commit.by], commit.at, commit.message.rstrip(), files))
    return tuple(found)


def only_there(history: Sequence[Snapshot], tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Collect what the commits say and the last tree does not: their messages, and files that change until then.

    Parameters
    ----------
    history : sequence of Snapshot
    tree : mapping of str to bytes
        What is handed out.

    Returns
    -------
    texts : dict of str to bytes
        By commit and path, in words.
    """
    texts: dict[str, bytes] = {}
    before: Mapping[str, bytes] = {}
    for number, snapshot in enumerate(history, start=1):
        texts[f"commit {number}, its message"] = f"{snapshot.author}\n{snapshot.message}".encode()
        for path, content in snapshot.tree.items():
            if content not in (before.get(path), tree.get(path)):
                texts[f"commit {number}, {path}"] = content
        before = snapshot.tree
    return texts


class _Teller:
    """Tells a history by one project: what of it each commit brings."""

    def __init__(
        self,
        exercise: Exercise,
        commits: Sequence[Commit],
        fixed: Mapping[str, bytes],
        tree: Mapping[str, bytes],
    ) -> None:
        self._shown = exercise.name_of(exercise.solution / HISTORY)
        self._commits, self._fixed, self._tree = commits, fixed, tree
        self._growing = _Growing(tree, exercise.manifest.contract.paths)
        self._done: dict[str, int] = {}
        self._last = {
            path: number
            for number, commit in enumerate(commits)
            for path in [*self._whole(number, commit), *commit.parts]
        }

    def trees(self) -> Iterator[dict[str, bytes]]:
        """Give the files after each commit."""
        self._refuse_missing()
        kept = []
        for number, commit in enumerate(self._commits):
            for path in self._whole(number, commit):
                self._growing.bring(path)
                self._done.setdefault(path, number)
            for path, names in commit.parts.items():
                self._bring(number, path, names)
            kept.append(self._growing.files())
        for number, files in enumerate(kept):
            for later in range(len(kept) - 1, number, -1):
                for change in reversed(self._commits[later].changes):
                    _undo(files, change)
            for change in self._commits[number].changes:
                self._refuse_unseen(number, files, change)
            yield dict(sorted(files.items()))

    def _whole(self, number: int, commit: Commit) -> Iterator[str]:
        """List the files that a commit brings whole."""
        for name in commit.files:
            found = [path for path in self._fixed if name in {ALL, path} or path.startswith(f"{name}/")]
            if not found:
                raise self._mistaken(number, f"`files` names {name}, which the project does not have", name)
            yield from found

    def _bring(self, number: int, path: str, names: Iterable[str]) -> None:
        if path not in self._fixed:
            raise self._mistaken(number, f"`parts` names {path}, which the project does not have", path)
        if not can_be_cut(path):
            raise self._mistaken(number, f"`parts` names {path}, which has no parts; name it in `files`")
        known = {name for part in cut(path, self._fixed[path]) for name in part.names}
        for name in names:
            if name not in known | self._growing.names(path):
                raise self._mistaken(
                    number, f"{path} has no part `{name}`{nearest(name, known)}", fix=f"name a part of {path}"
                )
        if path in self._done:
            raise self._mistaken(
                number,
                f"`parts` names {path}, which commit {self._done[path] + 1} brings whole",
                fix="take it out of `files` there, or out of `parts` here",
            )
        self._growing.bring(path, names)
        if self._last[path] == number:
            self._growing.bring(path)

    def _refuse_missing(self) -> None:
        missing = [path for path in self._fixed if path not in self._last]
        if missing:
            raise ManifestError(
                f"{self._shown}: no commit brings {', '.join(missing)}",
                fix='name it in a commit; files = ["."] in the last one brings all that is left',
            )

    def _refuse_unseen(self, number: int, files: Mapping[str, bytes], change: Change) -> None:
        """Refuse a change that leaves what is not there."""
        if change.file not in self._tree and change.file in self._fixed:
            return
        if change.now is None:
            seen = change.file not in files
        else:
            text = files.get(change.file, b"").decode("utf-8", "replace")
            seen = text == change.now if change.was is None else text.count(change.now) == 1
        if not seen:
            wanted = "is gone" if change.now is None else f"holds once and no more: {change.now[:60]!r}"
            raise self._mistaken(
                number,
                f"a change leaves {change.file} so that it {wanted}; after this commit that is not so",
                fix="`now` is what the project says, or what a later commit changes",
            )

    def _mistaken(self, number: int, what: str, path: str = "", fix: str = "") -> ManifestError:
        commit = self._commits[number]
        where = f"{self._shown}: commit {number + 1}, {commit.message.splitlines()[0]!r}"
        hint = nearest(path, self._fixed) if path else ""
        return ManifestError(f"{where}: {what}{hint}", fix=fix or "mend the path")


def _undo(files: dict[str, bytes], change: Change) -> None:
    """Take a change back, as far as what it leaves is there by then."""
    if change.was is None:
        files.pop(change.file, None)
    elif change.now is None:
        files[change.file] = change.was.encode()
    elif change.file in files:
        files[change.file] = files[change.file].replace(change.now.encode(), change.was.encode())


class _Growing:
    """What of a project is there so far; whatever comes brings what it uses."""

    def __init__(self, tree: Mapping[str, bytes], roots: Iterable[str]) -> None:
        self._tree = tree
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._kept: dict[str, set[int]] = {}
        self._wanted: dict[str, set[str]] = {}
        self._modules = {
            name: path for root in [*roots, ALL] for path in tree if (name := _module(path, root)) is not None
        }
        self._names = {path: name for name, path in reversed(self._modules.items())}

    def names(self, path: str) -> set[str]:
        """Name the parts of a file."""
        return {name for part in self._of(path) for name in part.names}

    def bring(self, path: str, names: Iterable[str] | None = None) -> None:
        """Bring parts of a file, or all that is left of it; nothing where this form does not have it."""
        if path in self._tree:
            chosen = None if names is None else set(names)
            self._keep(
                path, [at for at, part in enumerate(self._of(path)) if chosen is None or part.names & chosen]
            )

    def files(self) -> dict[str, bytes]:
        """Give the files as far as they are there."""
        return {
            path: joined(path, self._tree[path], self._of(path), kept, self._wanted.get(path, ()))
            for path, kept in self._kept.items()
        }

    def _of(self, path: str) -> tuple[Part, ...]:
        if path not in self._parts:
            self._parts[path] = cut(path, self._tree[path]) if path in self._tree else ()
        return self._parts[path]

    def _keep(self, path: str, chosen: Iterable[int]) -> None:
        """Keep parts of a file, and all that they need."""
        if path not in self._kept:
            self._kept[path] = set()
            for parent in _parents(self._names.get(path, "")):
                if parent in self._modules:
                    self._keep(self._modules[parent], ())
        kept, parts = self._kept[path], self._of(path)
        always = [at for at, part in enumerate(parts) if part.kind == "always"]
        for at in {*chosen, *always} - kept:
            kept.add(at)
            self._keep_used(path, at)
        for at, part in enumerate(parts):
            own = {n for n, other in enumerate(parts) if other.binds & part.uses and other.kind == "named"}
            if part.kind == "loose" and own and own <= kept and at not in kept:
                self._keep(path, [at])

    def _keep_used(self, path: str, at: int) -> None:
        """Keep what a part reads of its own file and of others."""
        parts = self._of(path)
        part = parts[at]
        before = parts[:at] if path.endswith(".ipynb") else parts
        for number, other in enumerate(before):
            if other.kind == "named" and other.binds & part.uses:
                self._keep(path, [number])
        used = [
            one
            for other in before
            if other.kind == "import"
            for one in other.imports
            if one.bound in part.uses
        ]
        for one in (*used, *part.imports):
            self._keep_imported(path, one, part)

    def _keep_imported(self, path: str, one: Imported, part: Part) -> None:
        module = _absolute(one.module, self._names.get(path, ""), is_package=path.endswith("__init__.py"))
        whole = f"{module}.{one.name}" if one.name else module
        if whole in self._modules:
            self._keep(self._modules[whole], ())
            for name in [name for owner, name in part.attributes if owner == one.bound]:
                self._take(self._modules[whole], name)
        elif module in self._modules:
            self._take(self._modules[module], one.name)

    def _take(self, path: str, name: str) -> None:
        """Keep what a module calls by a name, where it is defined or imported there."""
        for at, part in enumerate(self._of(path)):
            if name not in part.binds:
                continue
            if part.kind != "import":
                self._keep(path, [at])
            elif name not in self._wanted.setdefault(path, set()):
                self._wanted[path].add(name)
                self._keep(path, ())
                for one in part.imports:
                    if one.bound == name:
                        self._keep_imported(path, one, part)


def _module(path: str, root: str) -> str | None:
    """Say how a file is imported from a folder; None where it is not."""
    inside = path if root == ALL else path.removeprefix(f"{root}/")
    if not path.endswith(".py") or (root != ALL and inside == path):
        return None
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _parents(module: str) -> Iterator[str]:
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def _absolute(module: str, importer: str, *, is_package: bool) -> str:
    """Write the name of a module that an import names from within another."""
    dots = len(module) - len(module.lstrip("."))
    if not dots:
        return module
    above = importer.split(".")
    above = above[: len(above) - dots + (1 if is_package else 0)]
    return ".".join([*above, *([module[dots:]] if module[dots:] else [])])
