"""The project's place: where in a submission it lies, known from the names of its files alone."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from unfit.submission.path_names import junk
from unfit.submission.wanted_files import MARKS, Parts, Wanted, is_copy

__all__ = ["Survey", "split", "survey"]

ENVIRONMENT = "pyvenv.cfg"
CONDA = "conda-meta"
OF_AN_ENVIRONMENT = frozenset(
    {"bin", "lib", "lib64", "include", "share", "etc", "scripts", "man", ENVIRONMENT, CONDA}
)
"""What stands in an environment's folder; a project may have been begun in the same folder."""
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar")


@dataclass(frozen=True)
class Survey:
    """What the names of a submission's files say.

    Parameters
    ----------
    root : Parts
        The folder that holds the project; empty where it is the top, or was not found.
    found : bool
        Whether there is any sign of the project.
    code : bool
        Whether any of its code was found.
    rivals : tuple of Parts
        Other folders that hold the project as well, in none of the others.
    below : tuple of Parts
        Copies of the project inside of it.
    environments, shared : frozenset of Parts
        Folders of environments, whatever they are called: those that hold nothing else, and those that hold the
        project as well.
    archives : tuple of Parts
        Archives.
    top : frozenset of str
        Names at the top of the project.
    copies : mapping of Parts to tuple of Parts
        By notebook that is missing: files beside its place that are called like copies of it.
    """

    root: Parts
    found: bool
    code: bool
    rivals: tuple[Parts, ...]
    below: tuple[Parts, ...]
    environments: frozenset[Parts]
    shared: frozenset[Parts]
    archives: tuple[Parts, ...]
    top: frozenset[str]
    copies: Mapping[Parts, tuple[Parts, ...]]

    def environment(self, parts: Parts) -> Parts | None:
        """Name the environment that a path belongs to."""
        return _environment(parts, self.environments, self.shared)


def split(raw: str) -> Parts:
    """Split a stored name at slashes, and at the backslashes that some packers write."""
    parts = unicodedata.normalize("NFC", raw).replace("\\", "/").split("/")
    return tuple(part for part in parts if part not in {"", "."})


def survey(names: Iterable[str], wanted: Wanted) -> Survey:
    """Find the project, the environments and the archives among the names of files."""
    files = [parts for parts in map(split, names) if parts and not any(map(junk, parts))]
    environments, shared = _environments(files, wanted)
    kept = [parts for parts in files if _environment(parts, environments, shared) is None]
    signs: dict[Parts, set[Parts]] = defaultdict(set)
    marked: dict[Parts, int] = defaultdict(int)
    for parts in kept:
        for path in wanted.code:
            above, own = parts[: -len(path)], parts[-len(path) :]
            if own == path or (
                own[:-1] == path[:-1] and is_copy(own[-1], path[-1]) and path[-1].endswith(".ipynb")
            ):
                signs[above].add(path)
        if parts[-1] in MARKS:
            marked[parts[:-1]] += 1
    places = sorted(
        {*signs, *marked}, key=lambda at: (-bool(signs[at]), -marked[at], -len(signs[at]), len(at), at)
    )
    root = places[0] if places else ()
    code = bool(signs[root])
    others = [
        at
        for at in sorted(signs)
        if at != root and signs[at] and (marked[at] or len(signs[at]) >= len(signs[root]))
    ]
    return Survey(
        root=root,
        found=bool(places),
        code=code,
        rivals=tuple(at for at in others if at[: len(root)] != root and root[: len(at)] != at)
        if code
        else (),
        below=tuple(at for at in others if at[: len(root)] == root) if code else (),
        environments=environments,
        shared=shared,
        archives=tuple(parts for parts in kept if parts[-1].lower().endswith(ARCHIVES)),
        top=frozenset(parts[-1] for parts in kept if parts[:-1] == root),
        copies=_copies({parts[len(root) :] for parts in kept if parts[: len(root)] == root}, wanted),
    )


def _copies(files: AbstractSet[Parts], wanted: Wanted) -> dict[Parts, tuple[Parts, ...]]:
    """Find what is called like a copy of a notebook, where the notebook itself is missing."""
    missing = [path for path in wanted.notebooks if path not in files]
    found = {
        path: tuple(sorted(one for one in files if one[:-1] == path[:-1] and is_copy(one[-1], path[-1])))
        for path in missing
    }
    return {path: copies for path, copies in found.items() if copies}


def _environments(files: Iterable[Parts], wanted: Wanted) -> tuple[frozenset[Parts], frozenset[Parts]]:
    """Know environments by what every one of them holds, and those that a project lives in by that project."""
    homes = {parts[:-1] for parts in files if parts[-1] == ENVIRONMENT}
    homes |= {parts[: parts.index(CONDA)] for parts in files if CONDA in parts[:-1]}
    shared = homes & {()}
    for parts in files if homes else ():
        if parts[-1] in MARKS or any(parts[-len(path) :] == path for path in wanted.code):
            shared |= {
                parts[:end]
                for end in range(len(parts))
                if parts[:end] in homes and parts[end].lower() not in OF_AN_ENVIRONMENT
            }
    return frozenset(homes - shared), frozenset(shared)


def _environment(parts: Parts, environments: frozenset[Parts], shared: frozenset[Parts]) -> Parts | None:
    for end in range(len(parts)):
        if parts[: end + 1] in environments or (
            parts[:end] in shared and parts[end].lower() in OF_AN_ENVIRONMENT
        ):
            return parts[: end + 1]
    return None
