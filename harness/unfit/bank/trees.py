"""Trees: folders as mappings from relative path to content, without what tools leave behind."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from unfit.errors import BankError

__all__ = ["JUNK", "digest_of", "is_junk", "read_tree"]

JUNK = frozenset(
    {
        ".DS_Store",
        ".git",
        ".hypothesis",
        ".import_linter_cache",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".unfit",
        ".venv",
        "__pycache__",
    }
)
"""Files and folders that tools leave behind, by name."""


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is left behind by a tool or an editor."""
    return name in JUNK or name.endswith((".pyc", ".egg-info", "~", ".swp"))


def read_tree(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder that a tool did not leave behind.

    Parameters
    ----------
    folder : Path
        A trusted folder; one that does not exist is empty.

    Returns
    -------
    tree : dict of str to bytes
        Content by path with forward slashes, sorted by path.

    Raises
    ------
    BankError
        If the folder holds a symbolic link or anything else that is no regular file.
    """
    tree: dict[str, bytes] = {}
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_junk(name)]
        for name in [*folders, *names]:
            path = Path(base, name)
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise BankError(
                    f"{path}: is no regular file", fix="replace it by a copy; a bank holds no links"
                )
        for name in names:
            if not is_junk(name):
                path = Path(base, name)
                tree[path.relative_to(folder).as_posix()] = path.read_bytes()
    return dict(sorted(tree.items()))


def digest_of(tree: Mapping[str, bytes]) -> str:
    """Hash a tree: sha256 over sorted paths and contents, in hexadecimal."""
    whole = hashlib.sha256()
    for path, content in sorted(tree.items()):
        name = path.encode()
        whole.update(f"{len(name)} {len(content)}\n".encode())
        whole.update(name)
        whole.update(content)
    return whole.hexdigest()
