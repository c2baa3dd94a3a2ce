"""Packing: a tree as a folder, a repository with its history, or an archive."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from unfit.errors import UnfitError, UsageError
from unfit.export.history import Snapshot
from unfit.files import write_atomically
from unfit.planting import write_tree
from unfit.planting.tree_writing import STAMP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["MAIN", "Format", "check_place", "pack", "with_task"]

Format = Literal["dir", "git", "zip"]

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
TEAM = "The team <team@example.invalid>"
ALONE = "The project as it stands"
AFTERWARDS = "Add the task, the standard and a form for the review"
MAIN = "main"


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


def with_task(history: Sequence[Snapshot], tree: Mapping[str, bytes]) -> tuple[Snapshot, ...]:
    """Add the commit that brings the rest of a tree, on the day after the others."""
    at = history[-1].at + timedelta(days=1) if history else datetime.fromtimestamp(STAMP, UTC)
    return (*history, Snapshot(TEAM, at, AFTERWARDS if history else ALONE, tree))


def pack(
    tree: Mapping[str, bytes],
    to: Path,
    *,
    format: Format,  # noqa: A002 - the option's name
    name: str,
    branches: Mapping[str, Sequence[Snapshot]] | None = None,
) -> None:
    """Write a tree to a new place, whole or not at all.

    Parameters
    ----------
    tree : mapping of str to bytes
    to : Path
    format : {"dir", "git", "zip"}
    name : str
        Of the folder inside an archive.
    branches : mapping of str to sequence of Snapshot, optional
        The commits of a repository by branch. Each branch but the first begins where the one before it ends; the last
        one ends in the tree, and is checked out.
    """
    if format == "zip" and not branches:
        write_atomically(to, _zipped(tree, name))
        return
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".exporting-") as scratch:
        fresh = Path(scratch) / "export"
        write_tree(tree, fresh)
        if branches:
            _commit(fresh, branches)
        if format == "zip":
            files = [path for path in fresh.rglob("*") if path.is_file()]
            whole = {path.relative_to(fresh).as_posix(): path.read_bytes() for path in files}
            write_atomically(to, _zipped(whole, name))
            return
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


def _commit(folder: Path, branches: Mapping[str, Sequence[Snapshot]]) -> None:
    """Make the commits, with no configuration, hook or template of this machine."""
    program = shutil.which("git")
    if program is None:
        raise UnfitError("git is not installed", fix="install git, or export with --format dir or zip")
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    last = list(branches)[-1]
    for arguments, given in (
        (["init", "--quiet", "--template=", f"--initial-branch={last}"], b""),
        (["-c", "core.logAllRefUpdates=false", "fast-import", "--quiet"], b"".join(_stream(branches))),
        (["read-tree", last], b""),
    ):
        command = [program, "-C", str(folder), *arguments]
        done = subprocess.run(command, env=environment, input=given, capture_output=True, check=False)
        if done.returncode:
            raise UnfitError(
                f"git could not make the export's commits: {done.stderr.decode(errors='replace').strip()}",
                fix="export with --format dir",
            )


def _stream(branches: Mapping[str, Sequence[Snapshot]]) -> Iterator[bytes]:
    """Write commits as git reads them, each as what it changes."""
    before: Mapping[str, bytes] = {}
    begins = ""
    for branch, snapshots in branches.items():
        for number, snapshot in enumerate(snapshots):
            who = f"{snapshot.author} {int(snapshot.at.timestamp())} {snapshot.at:%z}"
            message = f"{snapshot.message}\n".encode()
            yield f"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n".encode()
            yield message + (begins.encode() if number == 0 else b"")
            yield from _changes(before, snapshot.tree)
            before = snapshot.tree
        begins = f"from refs/heads/{branch}\n"


def _changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[bytes]:
    for path in before.keys() - after.keys():
        yield f"D {_quoted(path)}\n".encode()
    for path, content in after.items():
        if before.get(path) != content:
            mode = "100755" if content.startswith(b"#!") else "100644"
            yield f"M {mode} inline {_quoted(path)}\ndata {len(content)}\n".encode() + content + b"\n"


def _quoted(path: str) -> str:
    inside = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inside}"'
