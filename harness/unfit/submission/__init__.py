"""Take: an untrusted folder, archive, bundle or repository becomes one clean, bounded, hashed copy."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from unfit.errors import UsageError
from unfit.submission.bounded_copy import BOUNDS, Bounds, Intake
from unfit.submission.folder import names_below, open_folder, read_folder
from unfit.submission.path_names import shown
from unfit.submission.repository import is_bare, read_bare, read_bundle
from unfit.submission.tars import COMPRESSIONS, looks_like_tar, read_tar
from unfit.submission.wanted_files import Wanted, is_comments, is_copy, is_document, wanted
from unfit.submission.zips import read_zip

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BOUNDS",
    "SUFFIXES",
    "Bounds",
    "Submission",
    "Wanted",
    "is_comments",
    "is_copy",
    "is_document",
    "take",
    "wanted",
]

SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar", ".bundle", ".git")
HEAD_BYTES = 512
DEEPEST = 3
"""Archives in archives."""
FOREIGN = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x28\xb5\x2f\xfd": "zstd"}
PACK_AS_ZIP = "hand in what `make submit` wrote, the project's folder, or a zip or tar.gz of it"


@dataclass(frozen=True)
class Submission:
    """What a candidate handed in, as a copy that can be trusted to be plain files.

    Parameters
    ----------
    name : str
        The source's name without its suffix; untrusted text.
    root : Path
        The copy: regular files of mode 644 in folders of mode 755, all of one time.
    digest : str
        SHA-256 over every path and content, in order: the same files give it however they were packed.
    files, size : int
        Files in the copy, and their bytes.
    left_out : mapping of str to int
        Entries that no grade needs and that were left out, counted by name: ``{"__pycache__": 3}``.
    notes : tuple of str
        Sentences on where the project lay, and on what was left out that is not junk.
    """

    name: str
    root: Path
    digest: str
    files: int
    size: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...] = ()


def take(
    source: Path, to: Path, *, limits: Bounds = BOUNDS, name: str = "", wanted: Wanted | None = None
) -> Submission:
    """Copy what a candidate handed in, refusing whatever is not a plain, bounded file.

    Nothing of it is run, and nothing in it is believed: a working tree is read as plain files, archives are
    read entry by entry, and git sees only objects, in a fresh repository of ours.

    Parameters
    ----------
    source : Path
        A folder, a zip, a tar (plain, gz, xz or bz2), a git bundle, a working tree or a bare repository.
    to : Path
        Where the copy goes; must not exist, or be an empty folder. It appears whole or not at all.
    limits : Bounds
        How much it may hold.
    name : str, optional
        What the copy and every refusal call it, where its own name says whose it is.
    wanted : Wanted, optional
        What the exercise needs: the project is found by it, however deep it lies, and what it does not need may be
        left out. Without it everything counts, and anything odd is refused.

    Raises
    ------
    UsageError
        If `source` does not exist, or `to` cannot be used.
    SubmissionError
        If the submission breaks a rule; the message names the file and the rule.
    """
    _check_places(source, to)
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".taking-") as holder:
        workshop = Path(holder)
        called = shown(name or source.name or str(source))
        intake, tree = _copied(source, workshop, called=called, limits=limits, wanted=wanted)
        tree.rename(to)
    intake.settle(to)
    return Submission(
        name=name or _name(source),
        root=to,
        digest=intake.digest(),
        files=intake.files,
        size=intake.size,
        left_out=dict(sorted(intake.left_out.items())),
        notes=intake.notes,
    )


def _copied(
    source: Path, workshop: Path, *, called: str, limits: Bounds, wanted: Wanted | None, level: int = 1
) -> tuple[Intake, Path]:
    """Copy what the source holds, or what the one archive in it holds where that is the project."""
    place = workshop / str(level)
    place.mkdir()
    intake = Intake(place / "tree", source=called, limits=limits, wanted=wanted)
    strip = _read(source, intake, place)
    if intake.archive is None:
        return intake, intake.finish(strip=strip)
    inside = intake.path_of(intake.archive)
    if level == DEEPEST or inside is None:
        what = (
            "holds archives in archives"
            if inside
            else f"holds `{'/'.join(intake.archive)}`, which is too large"
        )
        raise intake.refused("", what, fix=PACK_AS_ZIP)
    inner, _ = _copied(inside, workshop, called=called, limits=limits, wanted=wanted, level=level + 1)
    inner.adopt(intake)
    return inner, inner.finish(strip=False)


def _check_places(source: Path, to: Path) -> None:
    if not os.path.lexists(source):
        raise UsageError(f"{shown(str(source))}: no such file or folder", fix="check the submission's path")
    if os.path.lexists(to) and (to.is_symlink() or not to.is_dir() or any(to.iterdir())):
        raise UsageError(
            f"{to}: already exists and is not an empty folder", fix="name a new folder for the copy"
        )
    if to.resolve().is_relative_to(source.resolve()):
        raise UsageError(f"{to}: lies inside the submission {source}", fix="name a folder outside of it")


def _name(source: Path) -> str:
    name = source.name or source.resolve().name
    return next((name[: -len(suffix)] for suffix in SUFFIXES if name.lower().endswith(suffix)), name)


def _read(source: Path, intake: Intake, workshop: Path) -> bool:
    """Read the source into the intake; say whether a single top-level folder is to be stripped."""
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise intake.refused("", "is a symbolic link", fix="name the file or folder that it points to")
    if stat.S_ISDIR(mode):
        with open_folder(source, None, intake, "") as fd:
            if is_bare(fd):
                read_bare(fd, intake, workshop)
            else:
                intake.look(names_below(source, intake.limits.entries))
                read_folder(fd, intake)
        return False
    if not stat.S_ISREG(mode):
        raise intake.refused("", "is neither a folder nor a file", fix=PACK_AS_ZIP)
    with closing(_open(source, intake)) as file:
        return _read_file(file, intake, workshop)


def _open(source: Path, intake: Intake) -> BinaryIO:
    fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(fd, "rb")
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > intake.limits.archive_bytes:
        file.close()
        what = f"has {facts.st_size:,} bytes, and {intake.limits.archive_bytes:,} are allowed"
        raise intake.refused("", what, fix="leave data, environments and caches out of the archive")
    return file


def _read_file(file: BinaryIO, intake: Intake, workshop: Path) -> bool:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if head.startswith((b"# v2 git bundle\n", b"# v3 git bundle\n")):
        read_bundle(file, intake, workshop)
        return False
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        read_zip(file, intake)
    elif head.startswith(tuple(COMPRESSIONS)) or looks_like_tar(head):
        read_tar(file, intake, head)
    else:
        kind = next((kind for magic, kind in FOREIGN.items() if head.startswith(magic)), "")
        what = f"is a {kind} archive, which is not read here" if kind else "is no archive that can be read"
        raise intake.refused("", what if head else "is an empty file", fix=PACK_AS_ZIP)
    return True
