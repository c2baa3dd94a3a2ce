"""Fingerprint: a hash of a submission as it lies there, before anything is unpacked."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from unfit.submission.path_names import junk

__all__ = ["fingerprint"]

MOST_BYTES = 512 * 2**20
"""Of contents that are hashed; of what a larger folder holds beyond that, names and sizes only."""


def fingerprint(path: Path) -> str:
    """Hash an archive's bytes, or the names and contents of a folder without what tools leave behind.

    Parameters
    ----------
    path : Path
        A file or a folder; links in it are not followed.

    Returns
    -------
    fingerprint : str
        Hexadecimal; empty where nothing can be read.
    """
    whole = hashlib.sha256()
    try:
        if path.is_dir():
            _hash_folder(path, whole)
        else:
            with path.open("rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    return ""
                whole = hashlib.file_digest(stream, "sha256")
    except OSError:
        return ""
    return whole.hexdigest()


def _hash_folder(folder: Path, whole: hashlib._Hash) -> None:
    left = MOST_BYTES
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not junk(name))
        for name in sorted(name for name in names if not junk(name)):
            path = Path(base, name)
            facts = path.lstat()
            whole.update(
                f"{path.relative_to(folder).as_posix()}\0{facts.st_size}\0".encode("utf-8", "replace")
            )
            if stat.S_ISREG(facts.st_mode) and facts.st_size <= left:
                left -= facts.st_size
                whole.update(path.read_bytes())
