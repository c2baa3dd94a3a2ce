"""Tests of `unfit.files`."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from unfit.errors import UnfitError
from unfit.files import discard_unfinished, write_atomically


def test_a_file_is_written_as_utf_8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "é\r\n\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\r\n\n".encode()


def test_nothing_but_the_file_is_left_behind(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", b"one")
    write_atomically(tmp_path / "a.txt", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_crash_before_the_renaming_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_atomically(tmp_path / "a.txt", "old")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.txt", "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_missing_folder_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match=r"gone/a\.txt: could not be written: No such file") as caught:
        write_atomically(tmp_path / "gone" / "a.txt", "x")
    assert "name a folder that exists" in caught.value.fix


def test_a_link_is_replaced_and_its_target_untouched(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("safe")
    (tmp_path / "a.txt").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "a.txt", "new")
    assert ((tmp_path / "target").read_text(), (tmp_path / "a.txt").is_symlink()) == ("safe", False)


def test_the_umask_decides_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_name_of_the_longest_length_can_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("n" * 255), "x")
    assert (tmp_path / ("n" * 255)).read_text() == "x"


KILLED = """
import os, pathlib, signal, sys
from unfit.files import write_atomically
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
for name in sys.argv[1:]:
    if not os.fork():
        write_atomically(pathlib.Path(name), "half")
    os.wait()
"""


def killed_while_writing(folder: Path, *names: str) -> None:
    subprocess.run([sys.executable, "-c", KILLED, *names], cwd=folder, check=True)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_writer_left_is_discarded_and_nothing_else(tmp_path: Path) -> None:
    own = ["a.txt", ".b.part", ".notes.1234.part", "b.0123456789abcdef.part"]
    for name in own:
        (tmp_path / name).write_text("mine")
    killed_while_writing(tmp_path, "a.txt", "new.txt")
    assert len(names_in(tmp_path)) == len(own) + 2
    discard_unfinished(tmp_path)
    assert names_in(tmp_path) == sorted(own)


def test_the_beginnings_of_one_file_are_discarded_without_those_of_others(tmp_path: Path) -> None:
    killed_while_writing(tmp_path, "a[1].txt", "a1.txt", "b.txt", "x" * 255)
    discard_unfinished(tmp_path, "a[1].txt")
    discard_unfinished(tmp_path, "x" * 255)
    assert [name[:4] for name in names_in(tmp_path)] == [".a1.", ".b.t"]


def test_a_missing_folder_has_nothing_to_discard(tmp_path: Path) -> None:
    discard_unfinished(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
