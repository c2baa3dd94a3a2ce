"""Trees of commits: what of a project is there after each commit of those that bring it, a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unfit.bank.exercises import HISTORY
from unfit.bank.nearest_word import nearest
from unfit.errors import ManifestError
from unfit.export.parts import FilePart, can_be_cut, cut, joined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from unfit.bank import Commit, CommitChange, Exercise
    from unfit.export.parts import Imported

__all__ = ["Growing", "Teller", "undo"]

ALL = "."


class Teller:
    """Tells commits by one project: what of it each of them brings.

    Not ``alone``: something is there before the first of them. Not ``strict``: the project has only a part of what
    they name.
    """

    def __init__(
        self,
        exercise: Exercise,
        commits: Sequence[Commit],
        fixed: Mapping[str, bytes],
        growing: Growing,
        *,
        key: str = "commit",
        alone: bool = True,
        strict: bool = True,
    ) -> None:
        self.shown = exercise.name_of(exercise.solution / HISTORY)
        self._commits, self._fixed, self._growing = commits, fixed, growing
        self._key, self._alone, self._strict = key, alone, strict
        self._done: dict[str, int] = {}
        named = [
            (path, number)
            for number, commit in enumerate(commits)
            for path in [*self._whole(number, commit), *commit.parts]
        ]
        self._last, self._first = dict(named), dict(reversed(named))

    def first(self, path: str) -> int:
        """Say which commit names a file first, counted from nought."""
        return self._first[path]

    @property
    def brought(self) -> dict[str, set[str] | None]:
        """What the commits bring by file: names of parts, or None for all of it."""
        parts: dict[str, set[str] | None] = {}
        for commit in self._commits:
            for path, names in commit.parts.items():
                parts[path] = {*(parts.get(path) or ()), *names}
        whole = (path for number, commit in enumerate(self._commits) for path in self._whole(number, commit))
        return parts | dict.fromkeys(whole)

    def keep_others(self, growing: Growing, *, passing: Collection[str]) -> None:
        """Bring what these commits do not, as what is there before them; some files are passed over."""
        brought = self.brought
        for path in self._fixed.keys() - set(passing):
            if path not in brought:
                growing.bring(path)
            elif names := brought[path]:
                growing.bring_others(path, names)

    def trees(self) -> Iterator[dict[str, bytes]]:
        """Give the files after each commit."""
        if self._alone:
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
                    undo(files, change)
            for change in self._commits[number].changes if self._strict else ():
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
                f"{self.shown}: no commit brings {', '.join(missing)}",
                fix='name it in a commit; files = ["."] in the last one brings all that is left',
            )

    def _refuse_unseen(self, number: int, files: Mapping[str, bytes], change: CommitChange) -> None:
        """Refuse a change that leaves what is not there."""
        if not self._growing.has(change.file) and change.file in self._fixed:
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
        where = f"{self.shown}: {self._key} {number + 1}, {commit.subject!r}"
        hint = nearest(path, self._fixed) if path else ""
        return ManifestError(f"{where}: {what}{hint}", fix=fix or "mend the path")


def undo(files: dict[str, bytes], change: CommitChange) -> None:
    """Take a change back, as far as what it leaves is there by then."""
    if change.was is None:
        files.pop(change.file, None)
    elif change.now is None:
        files[change.file] = change.was.encode()
    elif change.file in files:
        files[change.file] = files[change.file].replace(change.now.encode(), change.was.encode())


class Growing:
    """What of a project is there so far; whatever comes brings what it uses."""

    def __init__(self, tree: Mapping[str, bytes], roots: Iterable[str]) -> None:
        self._tree = tree
        self._parts: dict[str, tuple[FilePart, ...]] = {}
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

    def bring_others(self, path: str, names: Collection[str]) -> None:
        """Bring a file but for some of its parts, and for what uses them and has no name itself."""
        if path not in self._tree:
            return
        parts = self._of(path)
        lost = frozenset[str]().union(*(part.binds for part in parts if part.names & set(names)))
        self._keep(
            path,
            [
                at
                for at, part in enumerate(parts)
                if not (
                    part.kind == "import" or part.names & set(names) or (not part.names and part.uses & lost)
                )
            ],
        )

    def holds(self, path: str, names: Collection[str] | None) -> bool:
        """Whether one of some parts of a file is there so far, or anything of it."""
        kept = self._kept.get(path)
        if kept is None or names is None:
            return kept is not None
        return any(self._of(path)[at].names & set(names) for at in kept)

    def has(self, path: str) -> bool:
        """Whether the project has a file, be it there so far or not."""
        return path in self._tree

    def files(self) -> dict[str, bytes]:
        """Give the files as far as they are there."""
        return {
            path: joined(path, self._tree[path], self._of(path), kept, self._wanted.get(path, ()))
            for path, kept in self._kept.items()
        }

    def _of(self, path: str) -> tuple[FilePart, ...]:
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

    def _keep_imported(self, path: str, one: Imported, part: FilePart) -> None:
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
