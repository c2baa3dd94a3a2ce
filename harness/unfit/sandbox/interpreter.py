"""The interpreter: which folders of this machine a Python needs in order to run."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from unfit.errors import SandboxError

__all__ = ["BROAD", "Interpreter", "inside", "interpreter", "outermost"]

QUESTION: Final = """
import json, os, sys, sysconfig
folders = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
library = os.path.join(*map(str, sysconfig.get_config_vars("LIBDIR", "INSTSONAME")))
base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
own = [os.path.realpath(sysconfig.get_path(name, vars=base)) for name in ("purelib", "platlib")]
spare = [folder for folder in own if os.path.isdir(folder) and folder not in map(os.path.realpath, sys.path)]
parts = [*sys.path, *map(sysconfig.get_path, ("stdlib", "platstdlib")), os.path.realpath(sys.executable), library]
print(json.dumps({"folders": folders, "parts": parts, "spare": spare, "version": list(sys.version_info[:3])}))
"""
BROAD: Final = frozenset({"/usr", "/usr/local"})  # prefixes that a Python shares with everything else
PATIENCE: Final = 60.0
MOST_LINKS: Final = 16


@dataclass(frozen=True)
class Interpreter:
    """A Python and what belongs to it.

    Parameters
    ----------
    python : Path
        The executable, as it is to be called.
    folders : tuple of str
        Its prefixes, none inside another; of a prefix that it shares with others, the files and folders that are its
        own.
    links : tuple of (str, str)
        Symbolic links outside of them that lead to it, with their targets.
    spare : tuple of str, default=()
        Folders in them that it does not import from: what is installed beside the Python of an environment.
    """

    python: Path
    folders: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    spare: tuple[str, ...] = ()


@functools.lru_cache(maxsize=32)
def interpreter(python: Path) -> Interpreter:
    """Ask a Python what it needs.

    Raises
    ------
    SandboxError
        If it does not run, or is too old.
    """
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", QUESTION], capture_output=True, env={}, timeout=PATIENCE, check=True
        )
        facts = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SandboxError(
            f"the Python of the exercises does not run: {python}: {error}", fix="build its environment again"
        ) from error
    if tuple(facts["version"]) < (3, 11):
        raise SandboxError(f"the Python of the exercises is older than 3.11: {python}")
    folders = {spelling for folder in facts["folders"] for spelling in (folder, os.path.realpath(folder))}
    parts = {part for part in facts["parts"] if folders & BROAD and Path(part).exists()}
    outer = outermost((folders | parts) - BROAD)
    for folder in outer:
        refuse_broad(folder)
    spare = tuple(place for place in outermost(facts["spare"]) if is_spare(place, outer, folders | parts))
    return Interpreter(python, outer, tuple(links_to(str(python), outer)), spare)


def is_spare(place: str, shown: Iterable[str], needed: Iterable[str]) -> bool:
    """Whether a folder lies in what is shown, and nothing that is needed lies in it."""
    return any(inside(place, folder) for folder in shown) and not any(
        path == place or inside(path, place) for path in needed
    )


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Drop the paths that lie inside another."""
    every = set(paths)
    return tuple(sorted(path for path in every if not any(inside(path, other) for other in every)))


def inside(path: str, folder: str) -> bool:
    """Whether a path lies below a folder."""
    return path.startswith(folder.rstrip("/") + "/")


def refuse_broad(folder: str) -> None:
    """Refuse a prefix that would carry a home folder into the sandbox."""
    home = str(Path.home())
    if folder in {"/", home} or inside(home, folder):
        raise SandboxError(
            f"the Python of the exercises has the prefix {folder}, which holds much more than a Python",
            fix="build its environment in a folder of its own",
        )


def links_to(python: str, folders: tuple[str, ...]) -> list[tuple[str, str]]:
    """Follow the links from the executable's name, and list those that lie outside of the folders."""
    found = []
    path = Path(python).absolute()
    for _ in range(MOST_LINKS):
        if not path.is_symlink():
            break
        target = path.readlink()
        if not any(inside(str(path), folder) for folder in folders):
            found.append((str(path), str(target)))
        path = Path(os.path.normpath(path.parent / target))
    return found
