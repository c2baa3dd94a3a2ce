"""Write a file whole or not at all, and clear away what a killed writer left."""

from __future__ import annotations

import glob
import os
import secrets
from pathlib import Path

from unfit.errors import UnfitError

__all__ = ["discard_unfinished", "write_atomically"]

RANDOM_BYTES = 8


def write_atomically(path: Path, text: str | bytes, *, lasting: bool = True) -> None:
    """Replace a file in one step: a reader or a crash meets the old content or the new, never half of it.

    Parameters
    ----------
    path : Path
        The file to write; its folder must exist. A link at this place is replaced, not followed.
    text : str or bytes
        The whole content; text is written as UTF-8 with the line ends that it has.
    lasting : bool, default=True
        Wait until it would survive a power cut; what can be made again need not.

    Raises
    ------
    UnfitError
        If the folder is missing, read-only or full; what stood there before is untouched.
    """
    content = text.encode() if isinstance(text, str) else text
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(RANDOM_BYTES)}.part")
    try:
        try:
            _write_through(temporary, content, lasting=lasting)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if lasting:
            _settle(path.parent)
    except OSError as error:
        raise UnfitError(
            f"{path}: could not be written: {error.strerror or error}",
            fix="name a folder that exists, can be written to and has room; nothing was changed there",
        ) from error


def discard_unfinished(folder: Path, name: str | None = None) -> None:
    """Delete what `write_atomically` had begun in a folder when its process was killed.

    Only where nobody else may be writing: a file that is still being written looks the same.

    Parameters
    ----------
    folder : Path
        Its own files only, not those of the folders in it; it may be missing.
    name : str, optional
        Of the one file whose beginnings go; those of all without it.
    """
    wanted = "*" if name is None else glob.escape(name[:100])
    for path in folder.glob(f".{wanted}.{'[0-9a-f]' * 2 * RANDOM_BYTES}.part"):
        path.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes, *, lasting: bool) -> None:
    """Create a new file with the mode that the umask leaves, and wait until it is on the disk where it has to last."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        if lasting:
            stream.flush()
            os.fsync(stream.fileno())


def _settle(folder: Path) -> None:
    """Make the renaming itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
