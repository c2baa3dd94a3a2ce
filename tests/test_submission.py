"""A submission is copied as plain, bounded, hashed files, or refused with the name of what is wrong."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import socket
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from unfit.errors import SubmissionError, UsageError
from unfit.submission import Bounds, Wanted, take
from unfit.submission.path_names import shown

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = {"README.md": b"# Triage\n", "src/triage/evaluate.py": b"SEED = 1\n", "src/triage/__init__.py": b""}
SMALL = Bounds(files=5, file_bytes=1000, total_bytes=2000, entries=20)


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def folder(at: Path, files: dict[str, bytes] = PROJECT) -> Path:
    at.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_bytes(content)
    return at


def zipped(at: Path, files: dict[str, bytes] = PROJECT, *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(at, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return at


def tarred(at: Path, files: dict[str, bytes] = PROJECT, *, mode: str = "w:gz") -> Path:
    with tarfile.open(str(at), mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return at


def member(at: Path, name: str, kind: bytes, *, link: str = "", size: int = 0) -> Path:
    with tarfile.open(at, "w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, link, size
        archive.addfile(info)
    return at


def git(at: Path, *arguments: str) -> None:
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(at), *settings, *arguments]
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(command, check=True, capture_output=True, env=environment)


def repository(at: Path, files: dict[str, bytes] = PROJECT) -> Path:
    folder(at, files)
    git(at, "init", "--quiet")
    git(at, "add", "--all", "--force")
    git(at, "commit", "--quiet", "-m", "work")
    return at


def bundle(at: Path, *refs: str) -> Path:
    git(repository(at), "bundle", "create", "../ada.bundle", *(refs or ("HEAD", "main")))
    return at.parent / "ada.bundle"


def bare(at: Path) -> Path:
    git(repository(at), "clone", "--bare", "--quiet", ".", "../ada.git")
    return at.parent / "ada.git"


def loose_bare(at: Path) -> Path:
    repository(at)
    shutil.move(at / ".git", at.parent / "loose.git")
    return at.parent / "loose.git"


PACKERS: dict[str, Callable[[Path], Path]] = {
    "folder": lambda tmp: folder(tmp / "ada"),
    "zip": lambda tmp: zipped(tmp / "ada.zip"),
    "stored zip": lambda tmp: zipped(tmp / "ada.zip", method=zipfile.ZIP_STORED),
    "zip with a top folder": lambda tmp: zipped(
        tmp / "a.zip", {f"top/{name}": x for name, x in PROJECT.items()}
    ),
    "tar": lambda tmp: tarred(tmp / "ada.tar", mode="w"),
    "tar with dots": lambda tmp: tarred(
        tmp / "a.tar", {f"./{name}": x for name, x in PROJECT.items()}, mode="w"
    ),
    "tar.gz": lambda tmp: tarred(tmp / "ada.tar.gz"),
    "tar.xz": lambda tmp: tarred(tmp / "ada.tar.xz", mode="w:xz"),
    "tar.bz2": lambda tmp: tarred(tmp / "ada.tar.bz2", mode="w:bz2"),
    "tar without a suffix": lambda tmp: tarred(tmp / "ada"),
    "working tree": lambda tmp: repository(tmp / "ada"),
    "bundle": lambda tmp: bundle(tmp / "ada"),
    "bundle of a branch": lambda tmp: bundle(tmp / "ada", "main"),
    "bare repository": lambda tmp: bare(tmp / "ada"),
    "bare repository, unpacked": lambda tmp: loose_bare(tmp / "ada"),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_the_same_content_gives_the_same_copy_however_it_was_packed(
    packer: str, tmp_path: Path, to: Path
) -> None:
    taken = take(PACKERS[packer](tmp_path), to)
    copied = {str(path.relative_to(to)): path.read_bytes() for path in to.rglob("*") if path.is_file()}
    assert copied == PROJECT
    assert (taken.files, taken.size) == (3, 18)
    assert taken.digest == take(folder(tmp_path / "reference"), tmp_path / "other").digest


def test_another_content_another_digest(tmp_path: Path) -> None:
    digests = {
        take(folder(tmp_path / str(number), files), tmp_path / f"copy{number}").digest
        for number, files in enumerate([{"a": b"x"}, {"a": b"y"}, {"b": b"x"}, {"a": b"x", "b": b""}, {}])
    }
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("file", "name"),
    [("ada.zip", "ada"), ("ada.v2.tar.gz", "ada.v2"), ("ada.TGZ", "ada"), ("ada", "ada"), ("ada.git", "ada")],
)
def test_a_submission_is_named_after_its_source(file: str, name: str, tmp_path: Path, to: Path) -> None:
    assert take(zipped(tmp_path / file), to).name == name


def test_a_submission_may_go_by_another_name_even_where_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    assert take(tmp_path / "ada", tmp_path / "clean", name="c-1").name == "c-1"
    (tmp_path / "ada" / "link").symlink_to("elsewhere")
    with pytest.raises(SubmissionError) as refused:
        take(tmp_path / "ada", tmp_path / "other", name="c-1")
    assert ("c-1" in str(refused.value), "ada" in str(refused.value)) == (True, False)


def test_the_copy_has_plain_modes_and_one_time(tmp_path: Path, to: Path) -> None:
    source = folder(tmp_path / "ada")
    (source / "README.md").chmod(0o4777)
    take(source, to)
    facts = {
        (path.is_dir(), path.stat().st_mode & 0o7777, path.stat().st_mtime) for path in [to, *to.rglob("*")]
    }
    assert facts == {(True, 0o755, 315532800.0), (False, 0o644, 315532800.0)}


def test_an_empty_folder_is_fine(tmp_path: Path, to: Path) -> None:
    assert take(folder(tmp_path / "ada", {}), to).files == 0
    assert to.is_dir()


def test_an_empty_zip_is_fine(tmp_path: Path, to: Path) -> None:
    assert take(zipped(tmp_path / "ada.zip", {}), to).files == 0


def test_junk_is_left_out_and_counted(tmp_path: Path, to: Path) -> None:
    junk = {
        "src/__pycache__/a.pyc": b"",
        "b.pyc": b"",
        ".venv/bin/x": b"",
        ".git/config": b"",
        "._README.md": b"",
    }
    taken = take(folder(tmp_path / "ada", PROJECT | junk), to)
    assert taken.files == 3
    assert taken.left_out == {"*.pyc": 1, "._*": 1, ".git": 1, ".venv": 1, "__pycache__": 1}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_junk_in_an_archive_does_not_change_the_digest(
    pack: Callable[[Path, dict[str, bytes]], Path], tmp_path: Path, to: Path
) -> None:
    noisy = {f"ada/{name}": content for name, content in PROJECT.items()} | {"__MACOSX/._ada": b"fork"}
    taken = take(pack(tmp_path / "noisy", noisy), to)
    assert taken.digest == take(folder(tmp_path / "ada"), tmp_path / "other").digest


def test_a_link_inside_a_left_out_environment_is_left_out_too(tmp_path: Path, to: Path) -> None:
    source = folder(tmp_path / "ada")
    (source / ".venv").mkdir()
    (source / ".venv/python").symlink_to("/usr/bin/python3")
    assert take(source, to).files == 3


def test_files_that_git_itself_reads_are_kept_as_plain_text(tmp_path: Path, to: Path) -> None:
    files = {".gitignore": b"dist/\n", ".gitattributes": b"* filter=evil\n"}
    assert take(folder(tmp_path / "ada", files), to).files == 2


def test_an_archive_inside_is_a_file_like_any_other(tmp_path: Path, to: Path) -> None:
    inner = zipped(tmp_path / "inner.zip").read_bytes()
    take(zipped(tmp_path / "ada.zip", {"inner.zip": inner, "b": b""}), to)
    assert (to / "inner.zip").read_bytes() == inner


def test_letters_are_stored_composed(tmp_path: Path, to: Path) -> None:
    take(folder(tmp_path / "ada", {"cafe\u0301.py": b""}), to)
    assert (to / "caf\u00e9.py").exists()


def test_a_missing_path_is_a_usage_error(tmp_path: Path, to: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        take(tmp_path / "nowhere", to)


def test_a_copy_never_goes_over_what_exists(tmp_path: Path, to: Path) -> None:
    folder(to, {"precious": b""})
    with pytest.raises(UsageError, match="already exists"):
        take(folder(tmp_path / "ada"), to)


def test_a_copy_never_goes_into_its_own_source(tmp_path: Path) -> None:
    source = folder(tmp_path / "ada")
    with pytest.raises(UsageError, match="lies inside"):
        take(source, source / "copy")


def test_a_refused_submission_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError):
        take(
            folder(tmp_path / "ada", {"a": b"", "b" * 100: b"x" * 1001}), tmp_path / "out/copy", limits=SMALL
        )
    assert list((tmp_path / "out").iterdir()) == []


def refused(source: Path, to: Path, **bounds: int) -> str:
    with pytest.raises(SubmissionError) as refusal:
        take(source, to, limits=Bounds(**bounds) if bounds else Bounds())
    assert refusal.value.fix
    assert not to.exists()
    return refusal.value.message


NAMES = {
    "../escape": "leads out of its folder",
    "a/../../escape": "leads out of its folder",
    "..\\escape": "leads out of its folder",
    "/etc/passwd": "is an absolute path",
    "C:/windows": "is an absolute path",
    "c:evil": "is an absolute path",
    "\\\\server\\share": "is an absolute path",
    "a\\b": "has a backslash",
    "a\nb": "has a control or invisible character",
    "a\x1b[31mb": "has a control or invisible character",
    "a\u202eb": "has a control or invisible character",
    "a\u200bb": "has a control or invisible character",
    "x" * 256: "has too long a name",
    "/".join(["x" * 200] * 6)[:1100]: "has too long a name",
    "/".join("x" * 25): "lies more than 24 folders deep",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_bad_name_is_refused_and_shown(
    pack: Callable[[Path, dict[str, bytes]], Path], name: str, tmp_path: Path, to: Path
) -> None:
    message = refused(pack(tmp_path / "ada", {name: b"", "b": b""}), to)
    assert NAMES[name] in message
    assert shown(name) in message


def test_a_name_with_nul_in_a_zip_is_refused(tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada.zip", {"evil.py~png": b"", "b": b""})
    source.write_bytes(source.read_bytes().replace(b"py~png", b"py\0png"))
    assert "`evil.py\\x00png` has a control" in refused(source, to)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path, to: Path) -> None:
    source = folder(tmp_path / "ada")
    (Path(os.fsdecode(os.fsencode(source) + b"/caf\xe9"))).touch()
    assert "`caf\\udce9` has a name that is not UTF-8" in refused(source, to)


@pytest.mark.parametrize(
    "names",
    [
        ("a.py", "A.py"),
        ("caf\u00e9", "cafe\u0301"),
        ("src/a", "SRC/b"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("x", "./x"),
    ],
)
def test_names_that_are_one_on_some_system_are_refused(
    names: tuple[str, str], tmp_path: Path, to: Path
) -> None:
    assert "is " in refused(tarred(tmp_path / "ada.tar", dict.fromkeys(names, b"")), to)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_one_name_twice_is_refused(tmp_path: Path, to: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("a.py", "good")
        archive.writestr("a.py", "evil")
    assert "`a.py` is there twice" in refused(tmp_path / "ada.zip", to)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a named pipe"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (b"Z", "an entry of an unknown kind"),
    ],
)
def test_a_tar_may_hold_files_only(kind: bytes, what: str, tmp_path: Path, to: Path) -> None:
    assert f"`src/x` is {what}" in refused(
        member(tmp_path / "ada.tar", "src/x", kind, link="/etc/passwd"), to
    )


@pytest.mark.parametrize(
    ("mode", "what"), [(0o120777, "a symbolic link"), (0o020666, "a device"), (0o010666, "a named pipe")]
)
def test_a_zip_may_hold_files_only(mode: int, what: str, tmp_path: Path, to: Path) -> None:
    info = zipfile.ZipInfo("src/x")
    info.external_attr = mode << 16
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert f"`src/x` is {what}" in refused(tmp_path / "ada.zip", to)


def test_a_link_in_a_folder_is_refused(tmp_path: Path, to: Path) -> None:
    source = folder(tmp_path / "ada")
    (source / "data").symlink_to("/etc")
    assert "`data` is a symbolic link" in refused(source, to)


def test_a_link_in_place_of_the_submission_is_refused(tmp_path: Path, to: Path) -> None:
    (tmp_path / "ada").symlink_to(folder(tmp_path / "bob"))
    assert "ada is a symbolic link" in refused(tmp_path / "ada", to)


def test_a_pipe_in_a_folder_is_refused_without_waiting_for_a_writer(tmp_path: Path, to: Path) -> None:
    os.mkfifo(folder(tmp_path / "ada") / "pipe")
    assert "`pipe` is a named pipe" in refused(tmp_path / "ada", to)


def test_a_pipe_in_place_of_the_submission_is_refused(tmp_path: Path, to: Path) -> None:
    os.mkfifo(tmp_path / "ada")
    assert "is neither a folder nor a file" in refused(tmp_path / "ada", to)


def test_a_socket_in_a_folder_is_refused(tmp_path: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder(tmp_path / "ada"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert "`socket` is a socket" in refused(tmp_path / "ada", to)


def test_a_file_swapped_for_a_link_is_not_followed(
    tmp_path: Path, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = folder(tmp_path / "ada", {"a.py": b"mine"})
    real = os.stat

    def swapping(path: str, **options: object) -> os.stat_result:
        facts = real(path, **options)  # type: ignore[arg-type]
        if path == "a.py":
            (source / "a.py").unlink()
            (source / "a.py").symlink_to("/etc/passwd")
        return facts

    monkeypatch.setattr("unfit.submission.folder.os.stat", swapping)
    assert "`a.py` cannot be read, or changed while it was read" in refused(source, to)


def test_a_file_that_grows_is_cut_at_the_bound(tmp_path: Path, to: Path) -> None:
    source = folder(tmp_path / "ada")
    with (source / "big").open("wb") as big:
        big.truncate(1 << 40)
    assert "`big` is larger than the 16,777,216 bytes" in refused(source, to)


@pytest.mark.parametrize("pack", [folder, zipped, tarred])
def test_a_bound_names_the_file_that_breaks_it(
    pack: Callable[[Path, dict[str, bytes]], Path], tmp_path: Path, to: Path
) -> None:
    noise = os.urandom(3000)
    one, some, many = (
        {"big": noise[:1001]},
        {f"f{n}": noise[:900] for n in range(3)},
        {f"g{n}": b"" for n in range(6)},
    )
    for number, (files, words) in enumerate(
        [(one, "`big` is larger"), (some, "`f2` takes"), (many, "`g5` is one")]
    ):
        with pytest.raises(SubmissionError, match=words):
            take(pack(tmp_path / f"ada{number}", files), to, limits=SMALL)


def test_too_many_folders_are_refused(tmp_path: Path, to: Path) -> None:
    for number in range(30):
        (tmp_path / f"ada/{number}").mkdir(parents=True)
    assert "holds more than 20 entries" in refused(tmp_path / "ada", to, entries=20)


def test_time_is_bounded(tmp_path: Path, to: Path) -> None:
    assert "could not be read within 0 seconds" in refused(folder(tmp_path / "ada"), to, seconds=0)


def test_an_archive_that_is_too_large_is_refused_unread(tmp_path: Path, to: Path) -> None:
    with (tmp_path / "ada.zip").open("wb") as huge:
        huge.truncate(1 << 40)
    assert "has 1,099,511,627,776 bytes" in refused(tmp_path / "ada.zip", to)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is an empty file"),
        (b"print('hello')\n" * 90, "is no archive that can be read"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(600), "is a 7z archive"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(600), "is a rar archive"),
        (gzip.compress(b"print('hello')\n" * 90, mtime=0), "is a damaged or truncated tar archive"),
        (gzip.compress(b"", mtime=0), "is a damaged or truncated tar archive"),
    ],
    ids=["empty", "text", "7z", "rar", "gzip of text", "gzip of nothing"],
)
def test_what_is_no_archive_is_named(content: bytes, words: str, tmp_path: Path, to: Path) -> None:
    (tmp_path / "ada").write_bytes(content)
    assert words in refused(tmp_path / "ada", to)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_truncated_tar_is_refused(mode: str, keep: float, tmp_path: Path, to: Path) -> None:
    files = {f"f{number}": os.urandom(9000) for number in range(9)}
    whole = tarred(tmp_path / "whole", files, mode=mode).read_bytes()
    (tmp_path / "ada").write_bytes(whole[: int(len(whole) * keep)])
    assert "damaged or truncated tar" in refused(tmp_path / "ada", to)


def test_a_tar_cut_between_two_entries_is_refused(tmp_path: Path, to: Path) -> None:
    whole = tarred(tmp_path / "whole", {"a": b"x", "b": b"y"}, mode="w").read_bytes()
    (tmp_path / "ada").write_bytes(whole[:1024])
    assert "it ends in the middle of an entry" in refused(tmp_path / "ada", to)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_truncated_zip_is_refused(keep: float, tmp_path: Path, to: Path) -> None:
    whole = zipped(tmp_path / "whole", {f"f{number}": os.urandom(900) for number in range(9)}).read_bytes()
    (tmp_path / "ada").write_bytes(whole[: int(len(whole) * keep)])
    assert "damaged or truncated zip" in refused(tmp_path / "ada", to)


def test_a_zip_with_a_flipped_byte_is_refused(tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada", {"a.py": b"x" * 90}, method=zipfile.ZIP_STORED)
    source.write_bytes(source.read_bytes().replace(b"xxx", b"xyx", 1))
    assert "damaged or truncated zip: Bad CRC-32" in refused(source, to)


def test_an_encrypted_zip_is_refused(tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada.zip", {"a.py": b"x"})
    source.write_bytes(source.read_bytes().replace(b"\x14\0\0\0\x08\0", b"\x14\0\x01\0\x08\0"))
    assert "`a.py` is encrypted" in refused(source, to)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_an_unbounded_method_is_refused(method: int, tmp_path: Path, to: Path) -> None:
    message = refused(zipped(tmp_path / "ada.zip", {"a.py": b"x" * 90}, method=method), to)
    assert f"`a.py` is packed by method {method}" in message


def test_a_zip_bomb_by_ratio_is_refused(tmp_path: Path, to: Path) -> None:
    assert "`a` is packed more than 200 times smaller" in refused(
        zipped(tmp_path / "z", {"a": bytes(9 << 20)}), to
    )


def test_a_zip_bomb_by_declared_size_is_refused(tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada.zip", {"a": os.urandom(70_000)}, method=zipfile.ZIP_STORED)
    data = source.read_bytes().replace(
        struct.pack("<II", 70_000, 70_000), struct.pack("<II", 70_000, 1 << 30)
    )
    source.write_bytes(data)
    assert "a zip bomb" in refused(source, to)


@pytest.mark.parametrize("claimed", [10, 300])
def test_a_zip_whose_sizes_lie_is_refused(claimed: int, tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada.zip", {"a": bytes(range(100))})
    data = source.read_bytes()
    for place in (b"PK\x01\x02", b"PK\x03\x04"):
        at = data.index(place) + (24 if place == b"PK\x01\x02" else 22)
        data = data[:at] + struct.pack("<I", claimed) + data[at + 4 :]
    source.write_bytes(data)
    message = refused(source, to)
    assert "unpacks to 100" in message or "Bad CRC-32" in message


def test_a_zip_bomb_by_overlap_is_refused(tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada.zip", {"a": os.urandom(900), "b": os.urandom(900)})
    data = source.read_bytes()
    second = data.rindex(b"PK\x01\x02")
    source.write_bytes(data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :])
    assert "overlaps with another entry: a zip bomb" in refused(source, to)


def test_a_zip_with_a_giant_table_of_contents_is_refused(tmp_path: Path, to: Path) -> None:
    source = zipped(tmp_path / "ada.zip", {"a": b""})
    data = source.read_bytes()
    entry = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    copies = (9 << 20) // len(entry)
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFE, 0xFFFE, len(entry) * copies, data.index(b"PK\x01\x02"), 0
    )
    source.write_bytes(data[: data.index(b"PK\x01\x02")] + entry * copies + end)
    assert "has a table of contents of more than" in refused(source, to)


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress])
def test_a_tar_bomb_is_stopped_while_it_unpacks(
    compress: Callable[[bytes], bytes], tmp_path: Path, to: Path
) -> None:
    header = tarfile.TarInfo(".venv/big")
    header.size = 1 << 40
    (tmp_path / "ada").write_bytes(compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(64 << 20)))
    assert "a compression bomb" in refused(tmp_path / "ada", to)


def test_an_xz_that_wants_gigabytes_of_dictionary_is_refused(tmp_path: Path, to: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(bytes(10240), filters=filters))
    at = data.index(b"\x21\x01", 12) + 2
    data[at] = 39  # 3 GiB
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(data[12 : 12 + size - 4]))
    (tmp_path / "ada").write_bytes(data)
    assert "Memory usage limit exceeded" in refused(tmp_path / "ada", to)


def pax(at: Path, headers: dict[str, str], *, kind: bytes = tarfile.XHDTYPE, name: str = "a.py") -> Path:
    records = b""
    for keyword, value in headers.items():
        rest = f" {keyword}={value}\n".encode()
        length = len(rest)
        while length != len(rest) + len(str(length)):
            length = len(rest) + len(str(length))
        records += str(length).encode() + rest
    header, info = tarfile.TarInfo("pax"), tarfile.TarInfo(name)
    header.type, header.size = kind, len(records)
    padded = records.ljust(-(-len(records) // 512) * 512, b"\0")
    at.write_bytes(
        header.tobuf(tarfile.USTAR_FORMAT) + padded + info.tobuf(tarfile.USTAR_FORMAT) + bytes(10240)
    )
    return at


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"path": "../../escape"}, "`../../escape` leads out of its folder"),
        ({"path": "/etc/passwd"}, "`/etc/passwd` is an absolute path"),
        ({"size": "99999999999999"}, "`a.py` is larger than"),
        ({"size": "9" * 5000}, "damaged or truncated tar"),
        ({"GNU.sparse.major": "1", "GNU.sparse.name": "b.py"}, "`b.py` is a sparse file"),
        ({"comment": "x" * 70_000}, "has an extended header of 70,015 bytes"),
    ],
)
def test_tricks_with_extended_headers_are_refused(
    headers: dict[str, str], words: str, tmp_path: Path, to: Path
) -> None:
    assert words in refused(pax(tmp_path / "ada.tar", headers), to)


def test_a_global_header_must_not_name_files(tmp_path: Path, to: Path) -> None:
    source = pax(tmp_path / "ada.tar", {"path": "evil"}, kind=tarfile.XGLTYPE)
    assert "names files in a global header" in refused(source, to)


def test_the_comment_that_git_archive_writes_is_fine(tmp_path: Path, to: Path) -> None:
    assert take(pax(tmp_path / "ada.tar", {"comment": "0" * 40}, kind=tarfile.XGLTYPE), to).files == 1


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_survive(form: int, tmp_path: Path, to: Path) -> None:
    name = "/".join(["folder" * 8] * 5) + "/é.py"
    with tarfile.open(tmp_path / "ada.tar", "w", format=form) as archive:
        archive.addfile(tarfile.TarInfo(name))
        archive.addfile(tarfile.TarInfo("b"))
    take(tmp_path / "ada.tar", to)
    assert (to / name).is_file()


def test_data_behind_the_end_of_a_tar_is_refused(tmp_path: Path, to: Path) -> None:
    one = tarred(tmp_path / "one", {"a": b"x"}, mode="w").read_bytes()
    (tmp_path / "ada").write_bytes(one + one)
    assert "has further data behind its end" in refused(tmp_path / "ada", to)


def test_hooks_configuration_and_filters_of_a_repository_never_run(tmp_path: Path, to: Path) -> None:
    source = repository(tmp_path / "ada", PROJECT | {".gitattributes": b"*.py filter=evil export-ignore\n"})
    trap = tmp_path / "sprung"
    config = f'[core]\n\tfsmonitor = "touch {trap}"\n\thooksPath = hooks\n[filter "evil"]\n\tsmudge = touch {trap}\n'
    (source / ".git/config").write_text(config)
    for hook in ("post-checkout", "pre-receive", "reference-transaction", "post-index-change"):
        (source / ".git/hooks").mkdir(exist_ok=True)
        (source / f".git/hooks/{hook}").write_text(f"#!/bin/sh\ntouch {trap}\n")
        (source / f".git/hooks/{hook}").chmod(0o755)
    assert take(source, to).files == 4
    assert take(source / ".git", tmp_path / "bare").files == 4
    assert not trap.exists()


def test_alternates_of_a_bare_repository_are_not_followed(tmp_path: Path, to: Path) -> None:
    victim, source = bare(tmp_path / "victim"), tmp_path / "evil.git"
    for name in ("objects/info", "refs/heads"):
        (source / name).mkdir(parents=True)
    commit = subprocess.run(
        ["git", "-C", victim, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    (source / "HEAD").write_text("ref: refs/heads/main\n")
    (source / "refs/heads/main").write_text(commit.stdout)
    (source / "objects/info/alternates").write_text(f"{victim}/objects\n")
    assert "has a commit that cannot be read" in refused(source, to)


def test_a_link_inside_a_bare_repository_is_not_followed(tmp_path: Path, to: Path) -> None:
    source = bare(tmp_path / "ada")
    (source / "HEAD").unlink()
    (source / "HEAD").write_text("ref: refs/heads/other\n")
    (source / "refs/heads").mkdir(exist_ok=True)
    (source / "refs/heads/other").symlink_to("/etc/passwd")
    assert "cannot be read" in refused(source, to)


def test_a_submodule_is_refused(tmp_path: Path, to: Path) -> None:
    inner, source = repository(tmp_path / "inner"), repository(tmp_path / "ada")
    shutil.copytree(inner, source / "vendor")
    git(source, "add", "vendor")
    git(source, "commit", "--quiet", "-m", "more")
    git(source, "bundle", "create", "../ada.bundle", "HEAD")
    assert "`vendor` is a submodule" in refused(tmp_path / "ada.bundle", to)


def test_a_committed_link_is_refused(tmp_path: Path, to: Path) -> None:
    folder(tmp_path / "ada")
    (tmp_path / "ada/passwords").symlink_to("/etc/passwd")
    assert "`passwords` is a symbolic link" in refused(bundle(tmp_path / "ada"), to)


def test_a_bundle_of_two_branches_without_head_is_refused(tmp_path: Path, to: Path) -> None:
    source = repository(tmp_path / "ada")
    git(source, "branch", "other")
    git(source, "bundle", "create", "../ada.bundle", "main", "other")
    assert "has no HEAD that says which branch is meant" in refused(tmp_path / "ada.bundle", to)


def test_a_bundle_that_needs_other_commits_is_refused(tmp_path: Path, to: Path) -> None:
    source = repository(tmp_path / "ada")
    git(source, "commit", "--quiet", "--allow-empty", "-m", "more")
    git(source, "bundle", "create", "../ada.bundle", "HEAD~1..main")
    assert "is a damaged or incomplete bundle" in refused(tmp_path / "ada.bundle", to)


def test_a_truncated_bundle_is_refused(tmp_path: Path, to: Path) -> None:
    source = bundle(tmp_path / "ada")
    source.write_bytes(source.read_bytes()[:-60])
    message = refused(source, to)
    assert "is a damaged or incomplete bundle" in message
    assert str(tmp_path) not in message


def test_a_commit_that_is_too_large_is_refused_before_it_is_unpacked(tmp_path: Path, to: Path) -> None:
    repository(tmp_path / "ada", {"big": bytes(2000)})
    git(tmp_path / "ada", "bundle", "create", "../ada.bundle", "HEAD")
    assert "`big` is larger than the 1,000 bytes" in refused(tmp_path / "ada.bundle", to, file_bytes=1000)


def test_a_repository_without_commits_is_refused(tmp_path: Path, to: Path) -> None:
    (tmp_path / "ada.git").mkdir()
    git(tmp_path / "ada.git", "init", "--bare", "--quiet")
    assert "holds no branch" in refused(tmp_path / "ada.git", to)


def test_an_untrusted_name_is_printed_plainly() -> None:
    assert shown("a\x1b[31m\u202eb\udce9") == "a\\x1b[31m\\u202eb\\udce9"
    assert len(shown("x" * 5000)) == 160


def test_what_the_project_itself_writes_is_left_out_and_counted(tmp_path: Path, to: Path) -> None:
    source = folder(tmp_path / "work", PROJECT | {"model/fitted.joblib": b"", "src/model/a.py": b""})
    taken = take(source, to, wanted=Wanted(generated=(("model",),)))
    assert (taken.left_out, (to / "src/model/a.py").exists()) == ({"model": 1}, True)
