"""The bounded copy of a submission, while it is written: every bound is enforced as bytes arrive."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from unfit.errors import SubmissionError
from unfit.submission.path_names import Bad, clean, junk, key, shown
from unfit.submission.project_place import Survey, split, survey
from unfit.submission.wanted_files import Parts, Wanted, is_document

__all__ = ["BOUNDS", "CHUNK", "Bounds", "ByteStream", "Intake", "ours"]

MIB = 1024 * 1024
CHUNK = 64 * 1024
EPOCH = 315_532_800  # 1980-01-01, the earliest time that a zip can hold
DIGEST_FORMAT = b"submission 1\n"
PACKED = "submission.zip"
"""What `make submit` writes into the project."""
POINTER = b"version https://git-lfs.github.com/spec/"
MOST_NAMED = 5
"""Of the files that a note names one by one."""
CLEAR_OUTPUTS = (
    "clear its outputs and save it (`make submit` packs it without them), or leave it out if it is your own"
)
HAND_IN = "hand in the whole folder of the project, or what `make submit` wrote"


class ByteStream(Protocol):
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
    wanted : Wanted, optional
        What a grade needs: all else may be left out. Without it, everything counts, and anything odd is refused.
    """

    def __init__(self, folder: Path, *, source: str, limits: Bounds, wanted: Wanted | None = None) -> None:
        folder.mkdir()
        self.folder = folder
        self.source = source
        self.limits = limits
        self.wanted = wanted
        self.size = 0
        self.left_out: Counter[str] = Counter()
        self.archive: Parts | None = None
        self._survey: Survey | None = None
        self._told: list[str] = []
        self._aside: dict[str, str] = {}
        self._environments: set[Parts] = set()
        self._stands_for: dict[Parts, Parts] = {}
        self._beside = 0
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

    def look(self, names: Iterable[str]) -> None:
        """Find the project among the names of all files, before any of them is read.

        Raises
        ------
        SubmissionError
            If nothing of the exercise is there, or the project is there more than once.
        """
        if self.wanted is None:
            return
        seen = survey(itertools.islice(names, self.limits.entries), self.wanted)
        known = seen.code or (seen.found and not self.wanted.code)
        if not known and len(seen.archives) == 1:
            self.archive = seen.archives[0]
            self._told.append(
                f"The project lay in the archive `{_path(self.archive)}` of what was handed in."
            )
            return
        if not known and self.wanted.code:
            what = f"holds nothing of the exercise: no `{_path(self.wanted.code[0])}`, at any depth"
            if seen.archives:
                what += f", and {len(seen.archives)} archives, of which it is not known which is meant"
            raise self.refused("", what, fix=f"{HAND_IN}; no grade was written")
        if seen.rivals:
            places = ", ".join(f"`{_path(at)}/`" for at in (seen.root, *seen.rivals)[:MOST_NAMED])
            what = f"holds the project more than once: {places}"
            raise self.refused("", what, fix="hand in one of them, or name its folder when you grade")
        if seen.root:
            self._told.append(
                f"The project lay in `{_path(seen.root)}/` of what was handed in, and was graded there."
            )
        self._told += [
            f"`{_path(at)}/` holds another copy of the project, which was not graded."
            for at in seen.below[:1]
        ]
        for notebook, copies in seen.copies.items():
            self._stand_in(notebook, copies)
        self._survey = seen

    def _stand_in(self, notebook: Parts, copies: tuple[Parts, ...]) -> None:
        """Let the one copy of a notebook stand for it, where the notebook itself is missing."""
        if len(copies) > 1:
            named = _some(f"`{_path(one)}`" for one in copies)
            what = f"holds no `{_path(notebook)}`, but several copies of it: {named}"
            raise self.refused(
                "", what, fix=f"call the one to be graded `{notebook[-1]}`; no grade was written"
            )
        self._stands_for[copies[0]] = notebook
        self._told.append(
            f"There is no `{_path(notebook)}`: its copy `{_path(copies[0])}` was graded in its place."
        )

    def first(self, raw: str) -> bool:
        """Tell whether an entry is needed, so that it is read before what may have to be left out."""
        own = self._own(split(raw)) if self.wanted else None
        return bool(own) and self.wanted is not None and self.wanted.needs(own or ())

    def admit(self, raw: str, *, folder: bool = False) -> tuple[str, ...] | None:
        """Judge the name of one more entry.

        Parameters
        ----------
        raw : str
            The path as it is stored.
        folder : bool, default=False
            Whether it is a folder whose entries are judged one by one.

        Returns
        -------
        parts : tuple of str or None
            The clean path in the project, empty for a folder that holds it; ``None`` where the entry is left out.
        """
        self.tick()
        self._entries += 1
        if self._entries > self.limits.entries:
            what = f"holds more than {self.limits.entries:,} entries"
            raise self.refused("", what, fix="hand in the project only, without environments and caches")
        bounds = self.limits
        plain = raw if self.wanted is None else _slashed(raw)
        try:
            parts = clean(
                plain, depth=bounds.depth, part_bytes=bounds.part_bytes, path_bytes=bounds.path_bytes
            )
        except Bad as bad:
            if self.wanted is None or bad.hostile:
                fix = "give it a plain relative name inside the project"
                raise self.refused(raw, str(bad), fix=fix) from None
            self._set_aside(raw, str(bad))
            return None
        kind = next(filter(None, map(junk, parts)), "")
        if kind:
            self.left_out[shown(kind)] += 1
            return None
        return parts if self.wanted is None else self._place(parts, self.wanted, folder=folder)

    def _place(self, parts: Parts, wanted: Wanted, *, folder: bool) -> Parts | None:
        """Say where in the copy an entry goes; ``None`` where the exercise does not need it."""
        if self.archive is not None:
            return parts if folder or parts == self.archive or is_document(parts) else None
        if (environment := self._survey and self._survey.environment(parts)) is not None:
            self.left_out["an environment"] += 1
            self._environments.add(environment or ())
            return None
        own = self._own(parts)
        if own is None:
            if folder:
                return ()
            if is_document(parts) and not self._stands(parts[-1]):
                return parts[-1:]
            self._beside += 1
            self.left_out["beside the project"] += 1
            return None
        made = next((path for path in (*wanted.generated, (PACKED,)) if own[: len(path)] == path), None)
        if made is not None:
            self.left_out[shown(_path(made))] += 1
            return None
        return own

    def _own(self, parts: Parts) -> Parts | None:
        """Give a path relative to the project; empty for a folder above it, ``None`` beside it."""
        root = self._survey.root if self._survey else ()
        if parts[: len(root)] == root:
            own = parts[len(root) :]
            return self._stands_for.get(own, own)
        return () if root[: len(parts)] == parts else None

    def _stands(self, name: str) -> bool:
        """Tell whether the project has a file of that name at its top, or got one."""
        return (self._survey is not None and name in self._survey.top) or (name,) in self._files

    def hinders(self, parts: Parts, what: str, *, fix: str, needed: bool = True) -> None:
        """Refuse the submission for an entry that cannot be taken, or leave out what no grade needs.

        Parameters
        ----------
        parts : Parts
            The entry's path in the project.
        what : str
            What is the matter, to be put behind the name.
        fix : str
            What the candidate can do.
        needed : bool, default=True
            Whether such an entry could be needed at all.
        """
        if self.wanted is None or (needed and self.wanted.needs(parts)):
            raise self.refused("/".join(parts), what, fix=fix)
        self._set_aside("/".join(parts), what)

    def _set_aside(self, name: str, what: str) -> None:
        self.left_out["what cannot be taken"] += 1
        if len(self._aside) < self.limits.files:
            self._aside.setdefault(shown(name), what)

    @property
    def notes(self) -> tuple[str, ...]:
        """Say in sentences what is not as it was handed in."""
        notes = list(self._told)
        if self._environments:
            named = _some(f"`{_path(at)}/`" for at in sorted(self._environments))
            notes.append(f"Left out as an environment: {named}.")
        if self._aside:
            named = _some(f"`{name}` {what}" for name, what in self._aside.items())
            notes.append(f"Left out, since the exercise does not need it: {named}.")
        if self._beside:
            files = "1 file that lies" if self._beside == 1 else f"{self._beside:,} files that lie"
            notes.append(f"Left out: {files} beside the project.")
        return tuple(notes)

    def tick(self) -> None:
        """Refuse to go on when the time is up."""
        if time.monotonic() > self._end:
            what = f"could not be read within {self.limits.seconds:g} seconds"
            raise self.refused("", what, fix="hand in a smaller archive, or the folder itself")

    def write(self, parts: tuple[str, ...], stream: ByteStream) -> int | None:
        """Copy one file, reading no more than the bounds allow.

        Returns
        -------
        size : int or None
            Its bytes; ``None`` where it was left out, read or unread.
        """
        if parts in self._files and self.wanted is not None:
            if not self._is_same(parts, stream):
                self.hinders(parts, "is there twice, with other content", fix="keep one of them")
            return None
        if not self._claim(parts):
            return None
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with path.open("xb") as out:
            while chunk := stream.read(CHUNK):
                if not size and chunk.startswith(POINTER):
                    self._point(parts)
                size += len(chunk)
                if not self.expect(parts, size):
                    break
                self.tick()
                digest.update(chunk)
                out.write(chunk)
            else:
                self.size += size
                self._files[parts] = digest.digest()
                return size
        path.unlink()
        return None

    def _is_same(self, parts: Parts, stream: ByteStream) -> bool:
        digest = hashlib.sha256()
        while chunk := stream.read(CHUNK):
            self.tick()
            digest.update(chunk)
        return digest.digest() == self._files[parts]

    def _point(self, parts: Parts) -> None:
        """Tell a pointer of Git LFS from the file that it stands for."""
        if self.wanted is None:
            return
        what = "is a pointer of Git LFS, not the file itself"
        if any(parts == path for path in (*self.wanted.code, *self.wanted.notebooks)):
            raise self.refused("/".join(parts), what, fix="fetch it with `git lfs pull`, and pack again")
        self._told.append(f"`{shown(_path(parts))}` {what}.")

    def expect(self, parts: tuple[str, ...], size: int, *, pending: int = 0) -> bool:
        """Tell whether a file of that many bytes, behind others not yet written, keeps the bounds.

        Raises
        ------
        SubmissionError
            If it does not, and is needed.
        """
        bounds = self.limits
        most = bounds.archive_bytes if self.archive == parts else bounds.file_bytes
        if size > most:
            what = f"is larger than the {most:,} bytes that a file may have"
            is_notebook = parts[-1:] and parts[-1].endswith(".ipynb")
            fix = CLEAR_OUTPUTS if is_notebook else "leave it out, or hand in a smaller one"
            self.hinders(parts, what, fix=fix)
            return False
        if self.archive != parts and self.size + pending + size > bounds.total_bytes:
            what = f"takes the submission over {bounds.total_bytes:,} bytes in all"
            self.hinders(parts, what, fix="leave out data that the exercise did not come with")
            return False
        return True

    def _claim(self, parts: tuple[str, ...]) -> bool:
        """Reserve a path, unless another one is the same to some file system."""
        if not parts:
            raise self.refused("", "holds a file without a name", fix="pack the project's folder again")
        if len(self._files) >= self.limits.files:
            what = f"is one file more than the {self.limits.files:,} that are allowed"
            self.hinders(parts, what, fix="hand in the project only, without generated files")
            return False
        # Where an exercise is known the copy is graded on a system that tells cases apart, as the candidate's did.
        folded = parts if self.wanted is not None else tuple(map(key, parts))
        for end in range(1, len(parts)):
            if not self._spell(parts[:end], folded[:end], parts):
                return False
        if folded in self._taken or folded in self._spelling:
            what = "is there twice" if self.wanted else "is there twice, give or take case and accents"
            self.hinders(parts, what, fix="keep one of them")
            return False
        self._taken.add(folded)
        return True

    def _spell(self, folder: Parts, folded: Parts, parts: Parts) -> bool:
        if folded in self._taken or self._spelling.setdefault(folded, folder) != folder:
            other = "/".join(self._spelling.get(folded, folder))
            what = f"needs a folder that is also there as `{shown(other)}`"
            self.hinders(parts, what, fix="use one spelling for one folder")
            return False
        return True

    def finish(self, *, strip: bool) -> Path:
        """Close the copy: one time, plain modes, and no top folder that an archive put around everything."""
        tops = {parts[:1] for parts in self._files}
        deep = all(len(parts) > 1 for parts in self._files)
        if strip and self._survey is None and deep and len(tops) == 1:
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

    def path_of(self, parts: Parts) -> Path | None:
        """Say where a file of the copy lies; ``None`` where it was left out."""
        return self.folder.joinpath(*parts) if parts in self._files else None

    def adopt(self, outer: Intake) -> None:
        """Take over what an outer copy holds beside the archive that this copy was made from."""
        self._told = [*outer.notes, *self._told]
        for parts in sorted(outer._files):
            if parts != outer.archive and not self._stands(parts[-1]):
                with outer.folder.joinpath(*parts).open("rb") as file:
                    self.write(parts[-1:], file)

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


def _path(parts: Parts) -> str:
    return shown("/".join(parts))


def _slashed(raw: str) -> str:
    """Read backslashes as the separators that some packers on Windows write."""
    return raw.replace("\\", "/")


def _some(named: Iterable[str]) -> str:
    """Name a few, and count the others."""
    listed = list(named)
    more = len(listed) - MOST_NAMED
    return "; ".join(listed[:MOST_NAMED]) + (f"; and {more:,} more" if more > 0 else "")
