"""Folders: read through descriptors, so that nothing swapped in between is followed."""

from __future__ import annotations

import os
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, BinaryIO

from unfit.submission.path_names import junk
from unfit.submission.project_place import CONDA, ENVIRONMENT, OF_AN_ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unfit.errors import SubmissionError
    from unfit.submission.bounded_copy import Intake

__all__ = ["listing", "names_below", "open_file", "open_folder", "read_folder"]

SAFE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that was swapped in must not block, nor a terminal become ours.
SAFE_FILE = SAFE | os.O_NONBLOCK | os.O_NOCTTY
KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a folder",
}


def names_below(folder: Path, most: int) -> Iterator[str]:
    """List the names of files, as far as they can tell where the project lies; links are not followed.

    Of an environment little is listed, and nothing of what tools leave behind.
    """
    seen = 0
    for base, folders, files in os.walk(folder):
        if ENVIRONMENT in files or CONDA in folders:
            folders[:] = [name for name in folders if name.lower() not in OF_AN_ENVIRONMENT - {CONDA}]
        folders[:] = sorted(name for name in folders if not junk(name))
        seen += len(folders) + len(files)
        if seen > most:
            return
        above = os.path.relpath(base, folder)
        yield from (f"{above}/{name}" for name in sorted(files))


def read_folder(fd: int, intake: Intake, above: str = "") -> None:
    """Copy every file below an open folder."""
    for name in sorted(listing(fd, intake), key=lambda name: not intake.first(above + name)):
        place = above + name
        try:
            facts = os.stat(name, dir_fd=fd, follow_symlinks=False)
        except OSError as error:
            raise _lost(intake, place, error) from None
        kind = stat.S_IFMT(facts.st_mode)
        parts = intake.admit(place, folder=kind == stat.S_IFDIR)
        if parts is None:
            continue
        if kind == stat.S_IFDIR:
            with open_folder(name, fd, intake, place) as below:
                read_folder(below, intake, place + "/")
        elif kind == stat.S_IFREG:
            if facts.st_size > intake.limits.file_bytes and not intake.expect(parts, facts.st_size):
                continue
            with closing(open_file(name, fd, intake, place)) as file:
                intake.write(parts, file)
        else:
            what = f"is {KINDS.get(kind, 'no file')}"
            intake.hinders(parts, what, fix="hand in regular files only", needed=kind == stat.S_IFLNK)


def listing(fd: int, intake: Intake) -> list[str]:
    """List an open folder in order, as far as the bounds go."""
    names: list[str] = []
    with os.scandir(fd) as entries:
        for entry in entries:
            names.append(entry.name)
            if len(names) > intake.limits.entries:
                break  # `admit` words the refusal
    return sorted(names)


@contextmanager
def open_folder(name: str | Path, fd: int | None, intake: Intake, place: str) -> Iterator[int]:
    """Open a folder itself, never what a link points to."""
    try:
        below = os.open(name, SAFE | os.O_DIRECTORY, dir_fd=fd)
    except OSError as error:
        raise _lost(intake, place, error) from None
    try:
        yield below
    finally:
        os.close(below)


def open_file(name: str, fd: int, intake: Intake, place: str) -> BinaryIO:
    """Open a regular file itself, never what a link points to."""
    try:
        file = os.fdopen(os.open(name, SAFE_FILE, dir_fd=fd), "rb", buffering=0)
    except OSError as error:
        raise _lost(intake, place, error) from None
    kind = stat.S_IFMT(os.fstat(file.fileno()).st_mode)
    if kind != stat.S_IFREG:
        file.close()
        raise intake.refused(place, f"is {KINDS.get(kind, 'no file')}", fix="hand in regular files only")
    return file


def _lost(intake: Intake, place: str, error: OSError) -> SubmissionError:
    reason = (error.strerror or "unknown reason").lower()
    return intake.refused(
        place,
        f"cannot be read, or changed while it was read: {reason}",
        fix="make it a readable regular file, and let nothing write there meanwhile",
    )
