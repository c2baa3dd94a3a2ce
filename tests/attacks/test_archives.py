"""Archives and folders that attack whoever opens them are refused by name, and write nothing beside their copy."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from unfit.errors import SubmissionError
from unfit.submission import take

HONEST = {"src/a.py": b"x = 1\n"}


def zipped(at: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(at / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return at / "x.zip"


def tarred(at: Path, name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Path:
    with tarfile.open(at / "x.tar", "w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info, io.BytesIO())
    return at / "x.tar"


def bomb(at: Path) -> Path:
    info = tarfile.TarInfo(".venv/big")
    info.size = 1 << 40
    (at / "x.tgz").write_bytes(gzip.compress(info.tobuf() + bytes(64 << 20)))
    return at / "x.tgz"


def linked(at: Path) -> Path:
    (at / "x").mkdir()
    (at / "x" / "passwords").symlink_to("/etc/passwd")
    return at / "x"


def piped(at: Path) -> Path:
    (at / "x").mkdir()
    os.mkfifo(at / "x" / "pipe")
    return at / "x"


ARCHIVES: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "climbs out": ("escaping", lambda at: zipped(at, ("../owned", b"x")), "leads out"),
    "absolute": ("escaping", lambda at: zipped(at, ("/tmp/owned", b"x")), "absolute"),
    "drive": ("escaping", lambda at: zipped(at, ("C:/owned", b"x")), "absolute"),
    "link in a tar": ("escaping", lambda at: tarred(at, "a", tarfile.SYMTYPE, "/etc/passwd"), "link"),
    "hard link in a tar": ("escaping", lambda at: tarred(at, "a", tarfile.LNKTYPE, "/etc/passwd"), "link"),
    "device in a tar": ("escaping", lambda at: tarred(at, "a", tarfile.BLKTYPE), "device"),
    "link in a folder": ("escaping", linked, "link"),
    "pipe in a folder": ("exhausting", piped, "pipe"),
    "zip bomb": ("exhausting", lambda at: zipped(at, ("a", bytes(9 << 20))), "200 times smaller"),
    "tar bomb": ("exhausting", bomb, "bomb"),
    "thousands of files": (
        "exhausting",
        lambda at: zipped(at, *((f"{n}", b"") for n in range(2001))),
        "2,000",
    ),
    "one name in two cases": ("confusing", lambda at: zipped(at, ("a.py", b"1"), ("A.py", b"2")), "twice"),
    "name that reorders": ("confusing", lambda at: zipped(at, ("a\u202eyp.exe", b"1")), "invisible"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_refused(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    kind, make, says = ARCHIVES[name]
    record_property("attack", kind)
    source = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SubmissionError, match=says):
        take(source, tmp_path / "copy")
    assert sorted(tmp_path.rglob("*")) == before
    good = zipped(tmp_path, *HONEST.items())
    assert take(good, tmp_path / "good").files == 1


def test_hooks_of_a_repository_never_run(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("attack", "escaping")
    hooks = tmp_path / "x" / ".git" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/owned\n")
    (hooks / "post-checkout").chmod(0o755)
    (tmp_path / "x" / ".git" / "config").write_text(f"[core]\n fsmonitor = touch {tmp_path}/owned\n")
    assert take(tmp_path / "x", tmp_path / "copy").left_out == {".git": 1}
    assert not (tmp_path / "owned").exists()


def test_files_swapped_while_they_are_graded_change_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("attack", "confusing")
    source = tmp_path / "x" / "src" / "a.py"
    source.parent.mkdir(parents=True)
    source.write_bytes(HONEST["src/a.py"])
    taken = take(tmp_path / "x", tmp_path / "copy")
    source.write_bytes(b"x = 2\n")
    source.rename(source.with_name("b.py"))
    source.symlink_to("/etc/passwd")
    assert {
        str(path.relative_to(taken.root)): path.read_bytes() for path in taken.root.rglob("*.py")
    } == HONEST
    assert take(taken.root, tmp_path / "again").digest == taken.digest
