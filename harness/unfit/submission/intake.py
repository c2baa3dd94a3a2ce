"""Intake: the copy while it is being written, with every bound enforced as bytes arrive."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from unfit.errors import SubmissionError
from unfit.submission.names import Bad, clean, junk, key, shown

__all__ = ["BOUNDS", "CHUNK", "Bounds", "Intake", "Stream", "ours"]

MIB = 1024 * 1024
CHUNK = 64 * 1024
EPOCH = 315_532_800  # 1980-01-01, the earliest time that a zip can hold
DIGEST_FORMAT = b"submission 1\n"


class Stream(Protocol):
    """Anything to read bytes from."""

    def read(self, size: int, /) -> bytes:
        """Read at most ``size`` bytes; none at the end."""


@dataclass(frozen=True)
class Bounds:
    """How much a submission may hold.

    Parameters
    ----------
    files, file_bytes, total_bytes : int
        Of the copy: files, bytes of one file, bytes in all.
    entries : int
        Files, folders and junk that are looked at.
    archive_bytes, unpacked_bytes : int
        Of an archive as it comes, and of what unpacking it may yield, junk included.
    ratio : int
        How many times smaller than its content a packed file may be.
    depth, part_bytes, path_bytes : int
        Folders above a file, bytes of one part of a path, bytes of a path.
    seconds : float
        Wall time of the whole copy.
    """

    files: int = 2_000
    file_bytes: int = 16 * MIB
    total_bytes: int = 64 * MIB
    entries: int = 50_000
    archive_bytes: int = 256 * MIB
    unpacked_bytes: int = 1024 * MIB
    ratio: int = 200
    depth: int = 24
    part_bytes: int = 255
    path_bytes: int = 1024
    seconds: float = 120.0


BOUNDS = Bounds()


def ours(error: Exception) -> bool:
    """Tell an operating system's failure (no space, a broken disk) from what a damaged archive raises."""
    return isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}


class Intake:
    """A tree of plain files that grows inside its bounds.

    Parameters
    ----------
    folder : Path
        Where files are written; created here.
    source : str
        How messages call the submission.
    generated : iterable of str
        Paths that the project's own commands write.
    """

    def __init__(self, folder: Path, *, source: str, limits: Bounds, generated: Iterable[str] = ()) -> None:
        folder.mkdir()
        self.folder = folder
        self.source = source
        self.limits = limits
        self.size = 0
        self._generated = tuple(tuple(path.split("/")) for path in generated)
        self.left_out: Counter[str] = Counter()
        self._files: dict[tuple[str, ...], bytes] = {}
        self._spelling: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._taken: set[tuple[str, ...]] = set()
        self._entries = 0
        self._end = time.monotonic() + limits.seconds

    @property
    def files(self) -> int:
        """How many files the copy holds."""
        return len(self._files)

    def refused(self, name: str, what: str, *, fix: str) -> SubmissionError:
        """Word a refusal that names the submission and the file in it."""
        place = f"{self.source}: `{shown(name)}`" if name else self.source
        return SubmissionError(f"{place} {what}", fix=fix)

    def admit(self, raw: str) -> tuple[str, ...] | None:
        """Judge the name of one more entry.

        Returns
        -------
        parts : tuple of str or None
            The clean path, empty for the root itself; ``None`` where the entry is junk and was counted.
        """
        self.tick()
        self._entries += 1
        if self._entries > self.limits.entries:
            what = f"holds more than {self.limits.entries:,} entries"
            raise self.refused("", what, fix="hand in the project only, without environments and caches")
        bounds = self.limits
        try:
            parts = clean(raw, depth=bounds.depth, part_bytes=bounds.part_bytes, path_bytes=bounds.path_bytes)
        except Bad as bad:
            raise self.refused(
                raw, str(bad), fix="give it a plain relative name inside the project"
            ) from None
        kind = next(filter(None, map(junk, parts)), "")
        made = (path for path in self._generated if parts[: len(path)] == path)
        kind = kind or "/".join(next(made, ()))
        if kind:
            self.left_out[shown(kind)] += 1
            return None
        return parts

    def tick(self) -> None:
        """Refuse to go on when the time is up."""
        if time.monotonic() > self._end:
            what = f"could not be read within {self.limits.seconds:g} seconds"
            raise self.refused("", what, fix="hand in a smaller archive, or the folder itself")

    def write(self, parts: tuple[str, ...], stream: Stream) -> int:
        """Copy one file, reading no more than the bounds allow.

        Returns
        -------
        size : int
            Its bytes.
        """
        self._claim(parts)
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with path.open("xb") as out:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                self.expect(parts, size)
                self.tick()
                digest.update(chunk)
                out.write(chunk)
        self.size += size
        self._files[parts] = digest.digest()
        return size

    def expect(self, parts: tuple[str, ...], size: int, *, pending: int = 0) -> None:
        """Refuse a file of that many bytes, behind others not yet written, where it would break a bound."""
        name, bounds = "/".join(parts), self.limits
        if size > bounds.file_bytes:
            what = f"is larger than the {bounds.file_bytes:,} bytes that a file may have"
            raise self.refused(name, what, fix="leave it out, or hand in a smaller one")
        if self.size + pending + size > bounds.total_bytes:
            what = f"takes the submission over {bounds.total_bytes:,} bytes in all"
            raise self.refused(name, what, fix="leave out data that the exercise did not come with")

    def _claim(self, parts: tuple[str, ...]) -> None:
        """Reserve a path, unless another one is the same to some file system."""
        name = "/".join(parts)
        if not parts:
            raise self.refused("", "holds a file without a name", fix="pack the project's folder again")
        if len(self._files) >= self.limits.files:
            what = f"is one file more than the {self.limits.files:,} that are allowed"
            raise self.refused(name, what, fix="hand in the project only, without generated files")
        folded = tuple(map(key, parts))
        for end in range(1, len(parts)):
            self._spell(parts[:end], folded[:end], name)
        if folded in self._taken or folded in self._spelling:
            raise self.refused(name, "is there twice, give or take case and accents", fix="keep one of them")
        self._taken.add(folded)

    def _spell(self, folder: tuple[str, ...], folded: tuple[str, ...], name: str) -> None:
        if folded in self._taken or self._spelling.setdefault(folded, folder) != folder:
            other = "/".join(self._spelling.get(folded, folder))
            what = f"needs a folder that is also there as `{shown(other)}`"
            raise self.refused(name, what, fix="use one spelling for one folder")

    def finish(self, *, strip: bool) -> Path:
        """Close the copy: one time, plain modes, and no top folder that an archive put around everything."""
        tops = {parts[:1] for parts in self._files}
        deep = all(len(parts) > 1 for parts in self._files)
        if strip and deep and len(tops) == 1:
            self._files = {parts[1:]: digest for parts, digest in self._files.items()}
            self.folder /= next(iter(tops))[0]
        for parts in self._files:
            path = self.folder.joinpath(*parts)
            path.chmod(0o644)
            os.utime(path, (EPOCH, EPOCH))
        for folder, _, _ in os.walk(self.folder, topdown=False):
            Path(folder).chmod(0o755)
            os.utime(folder, (EPOCH, EPOCH))
        return self.folder

    def settle(self, root: Path) -> None:
        """Set the root's own time again, which moving it may have changed."""
        os.utime(root, (EPOCH, EPOCH))

    def digest(self) -> str:
        """Hash every path and content, sorted; modes are no part of it, since not every packer keeps them."""
        total = hashlib.sha256(DIGEST_FORMAT)
        for name, content in sorted(
            ("/".join(parts).encode(), digest) for parts, digest in self._files.items()
        ):
            total.update(name + b"\0" + content)
        return total.hexdigest()
