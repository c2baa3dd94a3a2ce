"""Scratch: the folders that a submission may write to, read back and wiped without following anything."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["TooMuch", "capture", "inodes", "wipe"]

MOST_FILES: Final = 10_000
DEEPEST: Final = 32
DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
REGULAR: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class TooMuch(Exception):
    """A folder that is more than can be read back."""


@contextmanager
def opened(name: str | bytes, flags: int, folder: int | None = None) -> Iterator[int]:
    """Open and close a descriptor."""
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def capture(root: str, name: str, *, most: int) -> dict[str, bytes]:
    """Read the regular files below ``root/name``; links, pipes and devices are left out.

    Raises
    ------
    TooMuch
        If there are too many files, too many bytes, too deep folders or names that are no text.
    """
    files: dict[str, bytes] = {}
    try:
        with opened(root, DIRECTORY) as top, opened(name, DIRECTORY, top) as folder:
            _gather(folder, "", files, [most], 0)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        if error.errno == 40:  # ELOOP: the folder was replaced by a link
            return {}
        raise TooMuch(f"wrote a folder that cannot be read: {error.strerror}") from error
    return files


def _gather(folder: int, prefix: str, files: dict[str, bytes], room: list[int], depth: int) -> None:
    """Read one folder and those below it."""
    if depth > DEEPEST:
        raise TooMuch(f"wrote folders more than {DEEPEST} deep")
    for name in sorted(os.listdir(folder)):
        try:
            name.encode()
        except UnicodeEncodeError:
            raise TooMuch("wrote a file whose name is no text") from None
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(mode.st_mode):
            with opened(name, DIRECTORY, folder) as below:
                _gather(below, f"{prefix}{name}/", files, room, depth + 1)
        elif stat.S_ISREG(mode.st_mode):
            files[prefix + name] = _whole(name, folder, room)
            if len(files) > MOST_FILES:
                raise TooMuch(f"wrote more than {MOST_FILES:,} files")


def _whole(name: str, folder: int, room: list[int]) -> bytes:
    """Read one regular file, within the room that is left."""
    with opened(name, REGULAR, folder) as descriptor:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        pieces = []
        while piece := os.read(descriptor, min(1 << 20, room[0] + 1)):
            room[0] -= len(piece)
            if room[0] < 0:
                raise TooMuch("wrote more bytes into its folder than can be read back")
            pieces.append(piece)
        return b"".join(pieces)


def inodes(root: str) -> int:
    """Count the files of a file system."""
    found = os.statvfs(root)
    return found.f_files - found.f_ffree


def wipe(root: str) -> None:
    """Empty a folder, mounts in it excepted, however deep the nesting; nobody else may be alive.

    Folders below the first level are moved up to it before they are emptied, so that neither recursion nor long paths
    are needed.
    """
    names = (os.fsencode(f".{os.urandom(8).hex()}-{number}") for number in itertools.count())
    with opened(root, DIRECTORY) as top:
        device = os.fstat(top).st_dev
        while True:
            found = [name for name in os.listdir(os.fsencode(root)) if _ours(name, top, device)]
            if not found:
                return
            for name in found:
                _remove(name, top, names)


def _ours(name: bytes, top: int, device: int) -> bool:
    return os.stat(name, dir_fd=top, follow_symlinks=False).st_dev == device


def _remove(name: bytes, top: int, names: Iterator[bytes]) -> None:
    """Remove a file, or a folder after its folders were moved up beside it."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=top)
        return
    os.chmod(name, 0o700, dir_fd=top)
    with opened(name, DIRECTORY, top) as folder:
        for child in map(os.fsencode, os.listdir(folder)):
            if stat.S_ISDIR(os.stat(child, dir_fd=folder, follow_symlinks=False).st_mode):
                os.chmod(child, 0o700, dir_fd=folder)
                os.rename(child, next(names), src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(child, dir_fd=folder)
    os.rmdir(name, dir_fd=top)
