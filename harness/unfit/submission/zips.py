"""Zip archives: read entry by entry, believing nothing that their directory says."""

from __future__ import annotations

import io
import itertools
import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from unfit.submission.bounded_copy import ours
from unfit.submission.folder import KINDS

if TYPE_CHECKING:
    from unfit.submission.bounded_copy import Intake

__all__ = ["read_zip"]

DIRECTORY_BYTES = 8 * 1024 * 1024  # 50,000 entries with names of a hundred letters
LOCAL_HEADER = 30
UTF8_NAME = 0x800
ENCRYPTED = 0x1 | 0x40 | 0x2000  # traditional, strong, hidden directory
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others can demand memory without bound
SMALL = 1024 * 1024  # a file that cannot hurt, however well it was packed
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, struct.error, ValueError, OSError)
PACK_AGAIN = "pack the project's folder again, with `make submit` or as a tar.gz"


def read_zip(file: BinaryIO, intake: Intake) -> None:
    """Copy every file of a zip that is wanted."""
    try:
        with zipfile.ZipFile(_Guarded(file)) as archive:
            entries = archive.infolist()
            _refuse_overlaps(entries, archive.start_dir, intake)
            intake.look(_raw(entry) for entry in entries if not entry.is_dir())
            for entry in sorted(entries, key=lambda entry: not intake.first(_raw(entry))):
                _read_entry(archive, entry, intake)
    except _TooLargeError:
        what = f"has a table of contents of more than {DIRECTORY_BYTES:,} bytes"
        raise intake.refused(
            "", what, fix="hand in the project only, without environments and caches"
        ) from None
    except DAMAGED as error:
        if ours(error):
            raise
        raise intake.refused("", f"is a damaged or truncated zip: {error}", fix=PACK_AGAIN) from None


class _TooLargeError(Exception):
    """A single read asks for more than a table of contents may have."""


class _Guarded(io.BufferedReader):
    """A file that refuses to be read in one huge piece, which is how the table of contents is read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(io.FileIO(file.fileno(), closefd=False))

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            data = super().read(DIRECTORY_BYTES + 1)
            size = len(data)
        else:
            data = super().read(min(size, DIRECTORY_BYTES + 1))
        if size > DIRECTORY_BYTES:
            raise _TooLargeError
        return data


def _refuse_overlaps(entries: list[zipfile.ZipInfo], end: int, intake: Intake) -> None:
    """Refuse entries that share bytes, the trick of the small archives that unpack to petabytes."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, after in itertools.zip_longest(ordered, ordered[1:]):
        limit = end if after is None else after.header_offset
        if entry.header_offset + LOCAL_HEADER + entry.compress_size > limit:
            raise intake.refused(_raw(entry), "overlaps with another entry: a zip bomb", fix=PACK_AGAIN)


def _raw(entry: zipfile.ZipInfo) -> str:
    """Give the whole stored name; some packers write UTF-8 without saying so."""
    name = entry.orig_filename
    if not entry.flag_bits & UTF8_NAME:
        try:
            return name.encode("cp437").decode()
        except UnicodeError:
            return name
    return name


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, intake: Intake) -> None:
    raw = _raw(entry)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    is_folder = raw.endswith(("/", "\\")) and kind in {0, stat.S_IFDIR}
    parts = intake.admit(raw, folder=is_folder)
    if parts is None or is_folder:
        return
    if kind not in {0, stat.S_IFREG}:
        what = f"is {KINDS.get(kind, 'no file')}"
        intake.hinders(parts, what, fix="pack regular files only", needed=kind == stat.S_IFLNK)
        return
    if not _can_be_read(entry, parts, intake) or not intake.expect(parts, entry.file_size):
        return
    with archive.open(entry) as content:
        size = intake.write(parts, content)
    if size is not None and size != entry.file_size:
        what = f"says that it has {entry.file_size:,} bytes and unpacks to {size:,}"
        raise intake.refused(raw, what, fix=PACK_AGAIN)


def _can_be_read(entry: zipfile.ZipInfo, parts: tuple[str, ...], intake: Intake) -> bool:
    """Tell whether an entry is packed in a way that is read here, and within reason."""
    if entry.flag_bits & ENCRYPTED:
        intake.hinders(parts, "is encrypted", fix="pack it without a password")
        return False
    if entry.compress_type not in METHODS:
        what = f"is packed by method {entry.compress_type}, where only stored and deflated are read"
        intake.hinders(parts, what, fix=PACK_AGAIN)
        return False
    # Where an exercise is known, a file may be packed as well as it can: within the bounds it cannot hurt, and beyond
    # them it is not read.
    if (
        intake.wanted is None
        and entry.file_size > SMALL
        and entry.file_size > intake.limits.ratio * entry.compress_size
    ):
        what = f"is packed more than {intake.limits.ratio} times smaller than it is: a zip bomb"
        raise intake.refused("/".join(parts), what, fix="leave it out")
    return True
