"""Tar archives, plain or compressed: a forward stream of headers and contents, each within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from unfit.submission.bounded_copy import ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unfit.submission.bounded_copy import ByteStream, Intake

__all__ = ["COMPRESSIONS", "looks_like_tar", "read_tar"]

BLOCK = tarfile.BLOCKSIZE
NOTHING = bytes(BLOCK)
CHUNK = 64 * 1024
SLACK = 4 * 1024 * 1024  # what may be unpacked before the ratio is judged
HEADER_BYTES = 64 * 1024  # of one extended header: a long name, a few attributes
XZ_MEMORY = 256 * 1024 * 1024
DAMAGED = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
PACK_AGAIN = "pack the project's folder again, with `make submit`, `zip -r` or `tar -czf`"

EXTENSIONS = {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}
FILES = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}
REFUSED = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


class _Xz(io.RawIOBase):
    """One xz stream, with the memory of its dictionary bounded."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    def read(self, size: int = -1, /) -> bytes:
        while not self._decoder.eof:
            packed = self._file.read(CHUNK) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not packed:
                raise EOFError("the compressed stream ends too early")
            if data := self._decoder.decompress(packed, size):
                return data
        return b""


COMPRESSIONS: dict[bytes, Callable[[BinaryIO], ByteStream]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": _Xz,
}


def looks_like_tar(head: bytes) -> bool:
    """Tell whether a file's first 512 bytes are a tar header, or the end mark of an empty archive."""
    if head == NOTHING:
        return True
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def read_tar(file: BinaryIO, intake: Intake, head: bytes) -> None:
    """Copy every file of a tar."""
    unpack = next((unpack for magic, unpack in COMPRESSIONS.items() if head.startswith(magic)), None)
    try:
        if intake.wanted is not None:
            intake.look(_names(_Metered(file, unpack(file) if unpack else file, intake), intake))
            file.seek(0)
        stream = _Metered(file, unpack(file) if unpack else file, intake)
        while (member := _next_member(stream, intake)) is not None:
            _read_member(stream, member, intake)
        _read_rest(stream, intake)
    except DAMAGED as error:
        if ours(error):
            raise
        raise intake.refused("", f"is a damaged or truncated tar archive: {error}", fix=PACK_AGAIN) from None


def _names(stream: _Metered, intake: Intake) -> Iterator[str]:
    """List the names of files, their contents skipped."""
    while (member := _next_member(stream, intake)) is not None:
        stream.skip(_padded(member.size if member.kind in FILES else 0))
        if member.kind != tarfile.DIRTYPE:
            yield member.name


class _Metered:
    """The unpacked stream, stopped as soon as it grows out of proportion."""

    def __init__(self, packed: BinaryIO, stream: ByteStream, intake: Intake) -> None:
        self._packed = packed
        self._stream = stream
        self._intake = intake
        self._produced = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._produced += len(data)
        self._intake.tick()
        bounds = self._intake.limits
        slack = SLACK if self._intake.wanted is None else bounds.total_bytes
        if self._produced > slack + bounds.ratio * self._packed.tell():
            what = f"unpacks to more than {bounds.ratio} times its size: a compression bomb"
            raise self._intake.refused("", what, fix="leave out what is so large")
        if self._produced > bounds.unpacked_bytes:
            what = f"unpacks to more than {bounds.unpacked_bytes:,} bytes"
            raise self._intake.refused("", what, fix="leave environments, caches and data out")
        return data

    def exactly(self, size: int) -> bytes:
        """Read that many bytes, or say that the archive is truncated."""
        pieces: list[bytes] = []
        while size and (piece := self.read(min(size, CHUNK))):
            pieces.append(piece)
            size -= len(piece)
        if size:
            raise EOFError("it ends in the middle of an entry")
        return b"".join(pieces)

    def skip(self, size: int) -> None:
        """Read and forget."""
        while size:
            size -= len(self.exactly(min(size, CHUNK)))


@dataclass
class _Content:
    """The content of one member: reads end where it ends."""

    stream: _Metered
    left: int

    def read(self, size: int, /) -> bytes:
        data = self.stream.exactly(min(size, self.left))
        self.left -= len(data)
        return data


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    kind: bytes


def _next_member(stream: _Metered, intake: Intake) -> _Member | None:
    """Read one member's header with all that extends it; ``None`` at the end mark."""
    long_name: str | None = None
    records: dict[str, str] = {}
    while (block := stream.exactly(BLOCK)) != NOTHING:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.size < 0:
            raise intake.refused(header.name, "says that it has a negative size", fix=PACK_AGAIN)
        if header.type == tarfile.GNUTYPE_LONGNAME:
            long_name = _text(_extended(stream, header, intake).partition(b"\0")[0])
        elif header.type == tarfile.GNUTYPE_LONGLINK:
            _extended(stream, header, intake)
        elif header.type in EXTENSIONS:
            records = _records(_extended(stream, header, intake))
        elif header.type == tarfile.XGLTYPE:
            _refuse_global_names(_records(_extended(stream, header, intake)), intake)
        else:
            name = records.get("path") or long_name or header.name
            if any(name.startswith("GNU.sparse") for name in records):
                raise intake.refused(records.get("GNU.sparse.name", name), "is a sparse file", fix=PACK_AGAIN)
            size = int(records["size"]) if records.get("size", "").isdecimal() else header.size
            return _Member(name=name, size=size, kind=header.type)
    return None


def _refuse_global_names(records: dict[str, str], intake: Intake) -> None:
    if records.keys() & {"path", "size", "linkpath"}:
        raise intake.refused("", "names files in a global header", fix=PACK_AGAIN)


def _extended(stream: _Metered, header: tarfile.TarInfo, intake: Intake) -> bytes:
    if header.size > HEADER_BYTES:
        raise intake.refused(header.name, f"has an extended header of {header.size:,} bytes", fix=PACK_AGAIN)
    return stream.exactly(_padded(header.size))[: header.size]


def _records(content: bytes) -> dict[str, str]:
    """Parse the records of a pax header, each ``<length> <keyword>=<value>`` and a line's end."""
    records: dict[str, str] = {}
    while content.rstrip(b"\0"):
        digits, _, _ = content.partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        record, content = content[:length], content[length:]
        keyword, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if not equals or not record.endswith(b"\n"):
            raise tarfile.HeaderError("an extended header is malformed")
        records[keyword.decode("utf-8", "replace")] = _text(value)
    return records


def _read_member(stream: _Metered, member: _Member, intake: Intake) -> None:
    parts = intake.admit(member.name, folder=member.kind == tarfile.DIRTYPE)
    if parts is None or member.kind == tarfile.DIRTYPE:
        stream.skip(_padded(member.size if member.kind in FILES else 0))
        return
    if member.kind not in FILES or not parts:
        what = f"is {REFUSED.get(member.kind, 'an entry of an unknown kind')}"
        if not parts:
            raise intake.refused(member.name, what, fix="pack regular files only")
        links = {tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.GNUTYPE_SPARSE}
        intake.hinders(parts, what, fix="pack regular files only", needed=member.kind in links)
        stream.skip(_padded(member.size) if member.kind == tarfile.GNUTYPE_SPARSE else 0)
        return
    content = _Content(stream, member.size)
    if intake.expect(parts, member.size):
        intake.write(parts, content)
    stream.skip(content.left + _padded(member.size) - member.size)


def _read_rest(stream: _Metered, intake: Intake) -> None:
    """Read to the end, so that a checksum there is verified and nothing hides behind the end mark."""
    while data := stream.read(CHUNK):
        if data.strip(b"\0"):
            raise intake.refused("", "has further data behind its end", fix=PACK_AGAIN)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
