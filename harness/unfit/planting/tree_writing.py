"""Writing a tree to disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from unfit.errors import PlantingError
from unfit.files import write_atomically

__all__ = ["STAMP", "write_tree"]

STAMP = 1_577_836_800
"""Modification time of everything that is written: the first second of 2020, so that times tell nothing."""


def write_tree(tree: Mapping[str, bytes], to: Path) -> None:
    """Make a folder hold a tree and nothing else.

    Each file is replaced whole or not at all, and one that holds the right bytes already is left alone; a script
    (it begins with ``#!``) has mode 755, all else 644.

    Parameters
    ----------
    tree : mapping of str to bytes
        Content by relative path.
    to : Path
        The folder; made where it is missing.

    Raises
    ------
    PlantingError
        If a path leaves the folder, or the folder is a link, a file or a git repository.
    """
    _refuse(tree, to)
    to.mkdir(parents=True, exist_ok=True)
    _remove_others(tree, to)
    for path, content in sorted(tree.items()):
        _write(to / path, content)
    for base, _, _ in os.walk(to):
        Path(base).chmod(0o755)
        os.utime(base, (STAMP, STAMP))


def _refuse(tree: Mapping[str, bytes], to: Path) -> None:
    if to.is_symlink() or (to.exists() and not to.is_dir()):
        raise PlantingError(f"{to}: is no folder", fix="name a folder that may be overwritten")
    if (to / ".git").exists():
        raise PlantingError(
            f"{to}: is a git repository; writing there would delete it", fix="name another folder"
        )
    for path in tree:
        if path.startswith("/") or any(part in {"", ".", ".."} for part in path.split("/")):
            raise PlantingError(
                f"{path}: leaves the folder that it is written to", fix="use paths below the folder"
            )
        above = path.rsplit("/", 1)[0]
        if above != path and above in tree:
            raise PlantingError(f"{above}: is a file and a folder at once", fix="rename one of the two")


def _remove_others(tree: Mapping[str, bytes], to: Path) -> None:
    """Remove what the tree does not hold, and whatever is in the way of it."""
    folders = {parent.as_posix() for path in tree for parent in Path(path).parents} - {"."}
    for base, inner, names in os.walk(to):
        for name in [*inner, *names]:
            path = Path(base, name)
            relative = path.relative_to(to).as_posix()
            if path.is_dir() and not path.is_symlink():
                if relative not in folders:
                    shutil.rmtree(path)
            elif relative not in tree or path.is_symlink():
                path.unlink()
        inner[:] = [name for name in inner if Path(base, name).is_dir()]


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content, lasting=False)
    path.chmod(0o755 if content.startswith(b"#!") else 0o644)
    os.utime(path, (STAMP, STAMP))
