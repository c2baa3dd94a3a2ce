"""The submission's own code: where it lies, and whose a path is."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Sequence

__all__ = ["OwnCode", "modules_in"]


class OwnCode:
    """What of everything that Python sees is the submission's.

    Parameters
    ----------
    root : str
        Where the submission lies.
    paths : sequence of str
        What goes on ``sys.path``, relative to the root.
    kit : str
        The folder of the kit, which leaves ``sys.path``.
    """

    def __init__(self, root: str, paths: Sequence[str], kit: str) -> None:
        self.paths = paths
        self.kit = kit
        self.roots: list[str] = []
        self.modules: frozenset[str] = frozenset()
        self.enter(root)

    @property
    def root(self) -> str:
        """Where the submission lies now."""
        return self.roots[-1]

    def enter(self, root: str) -> None:
        """Make the modules below a folder importable, in front of all others."""
        self.roots = [*(other for other in self.roots if other != root), root]
        folders = [os.path.normpath(os.path.join(root, path)) for path in self.paths]
        others = (path for path in sys.path if path not in {self.kit, ""} and not self.inside(path))
        sys.path[:] = [*folders, *others]
        importlib.invalidate_caches()
        self.modules = modules_in(folders)

    def inside(self, path: str) -> bool:
        """Whether a path is the submission's."""
        return any(path == root or path.startswith(root + "/") for root in self.roots)

    def label(self, path: str) -> str:
        """Return a path of the submission as its author knows it."""
        for root in self.roots:
            if path.startswith(root + "/"):
                return path[len(root) + 1 :]
        return path


def modules_in(folders: Iterable[str]) -> frozenset[str]:
    """List the top-level modules that lie in these folders."""
    found = set()
    for folder in folders:
        if os.path.isdir(folder):
            found |= {
                entry.name.partition(".")[0]
                for entry in os.scandir(folder)
                if entry.is_dir() or ".py" in entry.name
            }
    return frozenset(found)
