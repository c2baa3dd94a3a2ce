"""Git bundles and bare repositories: only their objects are read, in a fresh repository of ours."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from unfit.errors import SubmissionError, UnfitError
from unfit.submission.bounded_copy import CHUNK, ByteStream
from unfit.submission.folder import listing, open_file, open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unfit.submission.bounded_copy import Intake

__all__ = ["is_bare", "read_bare", "read_bundle"]

SECONDS = 60
OUTPUT_BYTES = 320 * 1024 * 1024
# Address space and processor seconds of one git command; its files are bounded in blocks of 512 bytes.
CONFINED = f'ulimit -c 0 -v 2097152 -t {SECONDS // 2} -n 128 -f {OUTPUT_BYTES * 2 // 512}; exec "$@"'
SETTINGS = (
    "core.hooksPath=/dev/null", "core.attributesFile=/dev/null", "core.fsmonitor=false", "protocol.allow=never",
    "pack.threads=1", "gc.auto=0", "core.multiPackIndex=false", "core.commitGraph=false",
)  # fmt: skip
OBJECT = re.compile(r"[0-9a-f]{40}")
REF_BYTES = 1024 * 1024
LINKS = {"120000": "a symbolic link", "160000": "a submodule"}
HAND_IN_FILES = "hand in the working tree's folder, or what `make submit` wrote"


def is_bare(fd: int) -> bool:
    """Tell whether an open folder is a bare repository rather than a project."""
    kinds = {}
    for name in ("HEAD", "objects", "refs"):
        try:
            kinds[name] = stat.S_IFMT(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
        except OSError:
            return False
    return kinds == {"HEAD": stat.S_IFREG, "objects": stat.S_IFDIR, "refs": stat.S_IFDIR}


def read_bundle(file: BinaryIO, intake: Intake, workshop: Path) -> None:
    """Copy the files of a bundle's HEAD, or of its only branch."""
    git = _Git(workshop, intake)
    copy = workshop / "submitted.bundle"
    with copy.open("wb") as out:
        _copy(file, out, intake, intake.limits.archive_bytes)
    listed = git.run("bundle", "unbundle", str(copy), wrong="is a damaged or incomplete bundle")
    pairs = (line.partition(" ") for line in listed.decode("utf-8", "replace").splitlines())
    refs = {name: commit for commit, _, name in pairs}
    heads = {name: commit for name, commit in refs.items() if name.startswith("refs/heads/")}
    _read_commit(git, refs.get("HEAD") or _only(heads, intake), intake)


def read_bare(fd: int, intake: Intake, workshop: Path) -> None:
    """Copy the files of a bare repository's HEAD, or of its only branch."""
    git = _Git(workshop, intake)
    _copy_objects(fd, git, intake)
    for pack in sorted((git.folder / "objects" / "pack").glob("*.pack")):
        git.run("index-pack", str(pack), wrong="has a damaged pack of objects")
    heads = _packed_heads(fd, intake) | _loose_heads(fd, intake)
    head = _text("HEAD", fd, intake).strip()
    named = heads.get(head.removeprefix("ref:").strip()) if head.startswith("ref:") else head
    _read_commit(git, named or _only(heads, intake), intake)


def _only(heads: dict[str, str], intake: Intake) -> str:
    if len(heads) == 1:
        return next(iter(heads.values()))
    what = "has no HEAD that says which branch is meant" if heads else "holds no branch"
    raise intake.refused(
        "", what, fix="bundle HEAD (`git bundle create x.bundle HEAD`), or hand in the folder"
    )


class _Git:
    """A fresh, empty repository, and git commands that can see nothing else."""

    def __init__(self, workshop: Path, intake: Intake) -> None:
        program = shutil.which("git")
        if program is None:
            raise UnfitError(
                "git is not installed, and bundles and bare repositories need it", fix=HAND_IN_FILES
            )
        self.folder = workshop / "objects.git"
        self._intake = intake
        self._settings = [part for setting in SETTINGS for part in ("-c", setting)]
        self._program = program
        self._environment = {
            "PATH": os.defpath,
            "HOME": str(workshop),
            "LC_ALL": "C",
            "GIT_DIR": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        self.run("init", "--quiet", "--bare", "--template=", wrong="cannot be read: git could not start")

    def run(self, *arguments: str, wrong: str, given: bytes = b"") -> bytes:
        """Run one command within its limits and give its output."""
        out = self.run_to(self.folder.parent / "answer", *arguments, wrong=wrong, given=given)
        with out.open("rb") as answer:
            return answer.read(REF_BYTES * 16)

    def run_to(self, out: Path, *arguments: str, wrong: str, given: bytes = b"") -> Path:
        """Run one command with its output in a file, whose size is bounded by the kernel."""
        command = ["/bin/sh", "-c", CONFINED, "sh", self._program, *self._settings, *arguments]
        try:
            with out.open("wb") as answer:
                ended = subprocess.run(
                    command,
                    input=given,
                    stdout=answer,
                    stderr=subprocess.PIPE,
                    env=self._environment,
                    cwd=self.folder.parent,
                    timeout=SECONDS,
                    check=False,
                )
        except subprocess.TimeoutExpired:
            raise self._intake.refused(
                "", f"took git more than {SECONDS} seconds", fix=HAND_IN_FILES
            ) from None
        if ended.returncode:
            said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = said[-1] if said else f"git ended with {ended.returncode}"
            raise self._refused(wrong, reason)
        return out

    def _refused(self, wrong: str, reason: str) -> SubmissionError:
        plain = "".join(letter for letter in reason if letter.isprintable())[:200]
        hidden = plain.replace(str(self.folder.parent), "…")
        return self._intake.refused("", f"{wrong} ({hidden})", fix=HAND_IN_FILES)


def _read_commit(git: _Git, commit: str, intake: Intake) -> None:
    if not OBJECT.fullmatch(commit):
        raise intake.refused("", "has a HEAD that is no commit", fix=HAND_IN_FILES)
    if intake.wanted is not None:
        intake.look(raw for raw, _, _, _ in _tree(git, commit, intake))
    files = []
    total = 0
    for raw, mode, blob, size in _tree(git, commit, intake):
        parts = intake.admit(raw)
        if parts is None:
            continue
        if mode in LINKS:
            intake.hinders(parts, f"is {LINKS[mode]}", fix="commit the files themselves")
        elif intake.expect(parts, size, pending=total):
            files.append((parts, blob, size))
            total += size
    if not files:
        return
    wanted = "".join(f"{blob}\n" for _, blob, _ in files).encode()
    blobs = git.folder.parent / "blobs"
    git.run_to(blobs, "cat-file", "--batch", wrong="has damaged files", given=wanted)
    with blobs.open("rb") as stream:
        for parts, _, _ in files:
            _read_blob(stream, parts, intake)


def _tree(git: _Git, commit: str, intake: Intake) -> Iterator[tuple[str, str, str, int]]:
    """List a commit's files with their modes, objects and sizes."""
    wrong = "has a commit that cannot be read"
    listed = git.run_to(
        git.folder.parent / "listed", "ls-tree", "-r", "-l", "-z", "--full-tree", commit, wrong=wrong
    )
    with listed.open("rb") as lines:
        for entry in _split(lines):
            facts, _, name = entry.partition(b"\t")
            raw = name.decode("utf-8", "surrogateescape")
            mode, _, blob, size = facts.decode("ascii").split()
            intake.tick()
            yield raw, mode, blob, int(size) if size.isdigit() else 0


def _split(stream: ByteStream) -> Iterator[bytes]:
    """Split a stream at NUL bytes."""
    rest = b""
    while chunk := stream.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


@dataclass
class _Content:
    stream: ByteStream
    left: int

    def read(self, size: int, /) -> bytes:
        data = self.stream.read(min(size, self.left))
        self.left -= len(data)
        return data


def _read_blob(stream: BinaryIO, parts: tuple[str, ...], intake: Intake) -> None:
    answer = stream.readline(256).decode("ascii", "replace").split()
    if answer[1:2] != ["blob"]:
        raise intake.refused("/".join(parts), "is missing from the repository", fix=HAND_IN_FILES)
    content = _Content(stream, int(answer[2]))
    if intake.write(parts, content) is None:
        while content.read(CHUNK):
            pass
    if content.left or stream.read(1) != b"\n":
        raise intake.refused("/".join(parts), "could not be read whole", fix=HAND_IN_FILES)


def _copy_objects(fd: int, git: _Git, intake: Intake) -> None:
    """Copy objects only: no configuration, hook, alternate, index of a pack or replacement comes along."""
    budget = intake.limits.archive_bytes
    with open_folder("objects", fd, intake, "objects") as objects:
        for folder in listing(objects, intake):
            if folder != "pack" and not re.fullmatch(r"[0-9a-f]{2}", folder):
                continue
            with open_folder(folder, objects, intake, f"objects/{folder}") as below:
                for name in listing(below, intake):
                    intake.admit(f"objects/{folder}/{name}")
                    if not re.fullmatch(r"pack-[0-9a-f]{40}\.pack|[0-9a-f]{38}", name):
                        continue
                    target = git.folder / "objects" / folder / name
                    target.parent.mkdir(exist_ok=True)
                    with closing(open_file(name, below, intake, name)) as file, target.open("xb") as out:
                        budget -= _copy(file, out, intake, budget)


def _copy(file: ByteStream, out: BinaryIO, intake: Intake, budget: int) -> int:
    size = 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        intake.tick()
        if size > budget:
            what = f"has more than {intake.limits.archive_bytes:,} bytes of objects"
            raise intake.refused("", what, fix=HAND_IN_FILES)
        out.write(chunk)
    return size


def _text(name: str, fd: int, intake: Intake) -> str:
    with closing(open_file(name, fd, intake, name)) as file:
        return file.read(REF_BYTES).decode("utf-8", "replace")


def _packed_heads(fd: int, intake: Intake) -> dict[str, str]:
    if "packed-refs" not in listing(fd, intake):
        return {}
    lines = (line.split(" ", 1) for line in _text("packed-refs", fd, intake).splitlines() if " " in line)
    return {name: commit for commit, name in lines if name.startswith("refs/heads/")}


def _loose_heads(fd: int, intake: Intake) -> dict[str, str]:
    with open_folder("refs", fd, intake, "refs") as refs:
        if "heads" not in listing(refs, intake):
            return {}
        with open_folder("heads", refs, intake, "refs/heads") as heads:
            return dict(_heads_below(heads, "refs/heads/", intake))


def _heads_below(fd: int, above: str, intake: Intake) -> Iterator[tuple[str, str]]:
    for name in listing(fd, intake):
        intake.admit(above + name)
        if stat.S_ISDIR(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode):
            with open_folder(name, fd, intake, above + name) as below:
                yield from _heads_below(below, f"{above}{name}/", intake)
        else:
            yield above + name, _text(name, fd, intake).strip()
