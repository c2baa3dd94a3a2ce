"""Packing: a tree as a folder, a repository with one commit, or an archive."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from unfit.errors import UnfitError, UsageError
from unfit.files import write_atomically
from unfit.planting import write_tree
from unfit.planting.trees import STAMP

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Format", "check_place", "pack"]

Format = Literal["dir", "git", "zip"]

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
TEAM = {"NAME": "The team", "EMAIL": "team@example.invalid", "DATE": f"{STAMP} +0000"}


def check_place(to: Path, *, bank: Path, format: Format) -> None:  # noqa: A002 - the option's name
    """Refuse to write over what exists, into the bank, or where nothing can be written."""
    halves = [bank / "exercises", bank / "solutions"]
    if any(to.resolve().is_relative_to(half.resolve()) for half in halves):
        raise UsageError(f"{to}: lies within the bank", fix="name a place outside of it for the export")
    empty = format != "zip" and to.is_dir() and not to.is_symlink() and not any(to.iterdir())
    if os.path.lexists(to) and not empty:
        raise UsageError(f"{to}: already exists", fix="name a new place for the export")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=to.parent):
            pass
    except OSError as error:
        raise UsageError(
            f"{to}: cannot be written: {error.strerror or error}", fix="name another place for the export"
        ) from None


def pack(tree: Mapping[str, bytes], to: Path, *, format: Format, name: str) -> None:  # noqa: A002 - the option's name
    """Write a tree to a new place, whole or not at all.

    Parameters
    ----------
    tree : mapping of str to bytes
    to : Path
    format : {"dir", "git", "zip"}
    name : str
        Of the folder inside an archive.
    """
    if format == "zip":
        write_atomically(to, _zipped(tree, name))
        return
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".exporting-") as scratch:
        fresh = Path(scratch) / "export"
        write_tree(tree, fresh)
        if format == "git":
            _commit(fresh)
        for base, _, names in os.walk(fresh, topdown=False):
            for path in (*(Path(base, name) for name in names), Path(base)):
                os.utime(path, (STAMP, STAMP))
        fresh.rename(to)
    os.utime(to, (STAMP, STAMP))


def _zipped(tree: Mapping[str, bytes], name: str) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(tree.items()):
            info = zipfile.ZipInfo(f"{name}/{path}", FIRST_DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return whole.getvalue()


def _commit(folder: Path) -> None:
    """Make one commit by nobody in particular, with no configuration, hook or template of this machine."""
    program = shutil.which("git")
    if program is None:
        raise UnfitError("git is not installed", fix="install git, or export with --format dir or zip")
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        **{f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in TEAM.items()},
    }
    settings = ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"]
    for arguments in (
        ["init", "--quiet", "--template=", "--initial-branch=main"],
        ["add", "--all", "--force"],
        ["commit", "--quiet", "--message", "The project as it stands"],
    ):
        command = [program, "-C", str(folder), *settings, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnfitError(
                f"git could not make the export's commit: {done.stderr.strip()}",
                fix="export with --format dir",
            )
