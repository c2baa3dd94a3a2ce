"""The arena: attacks as their headers state them, one sandbox for all, and what must hold after each."""

from __future__ import annotations

import ast
import atexit
import contextlib
import functools
import hashlib
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import unfit
from processes import parents
from sandbox_samples import ENVIRONMENT
from unfit.sandbox import Backend, Bubblewrap, Call, Limits, Reply, Unprotected, Worker
from unfit.sandbox.selfcheck import listening
from unfit.wire import Folder

SUBMISSIONS: Final = Path(__file__).parent / "submissions"
KINDS: Final = ("forging", "escaping", "exhausting", "confusing")
LINE: Final = re.compile(r"^(\w+): ?(.*?)\r?$", re.MULTILINE)
HONEST: Final = "def f(x):\n    return {'mean': sum(x) / len(x), 'rows': len(x)}\n"
PATIENCE: Final = 10.0
KIT: Final = Path(unfit.__file__).parent


@dataclass(frozen=True)
class Attack:
    """One hostile file, as its header describes it.

    Parameters
    ----------
    kind, name : str
        What it is after, and how it is called.
    ends : tuple of str
        The endings that it may have: ``"answer"`` for a value that is compared like any other, or kinds of faults.
    says : str
        What is found in the fault's message, or in the answer's ``repr``.
    limits : Limits
        What it is given.
    folder : str
        What must come back in a folder that it writes, where it is given one.
    output : str
        What is found in its output.
    """

    kind: str
    name: str
    ends: tuple[str, ...]
    says: str
    limits: Limits
    folder: str
    output: str

    @property
    def entry(self) -> str:
        """Its entry point."""
        return f"{self.kind}.{self.name}:attack"


@dataclass(frozen=True)
class Ending:
    """How an attack ended, in the words of its header."""

    how: str
    cause: str
    reply: Reply


@functools.cache
def attacks() -> tuple[Attack, ...]:
    """Read the headers of all attacks."""
    return tuple(read(path) for kind in KINDS for path in sorted((SUBMISSIONS / kind).glob("*.py")))


def read(path: Path) -> Attack:
    """Read the header of one."""
    opening = path.read_text("latin-1").partition('"""')[2].partition('"""')[0]
    stated = dict(LINE.findall(opening))
    limits = dict(item.split("=") for item in stated.get("limits", "").split())
    numbers = {name: float(text) if name in {"cpu", "wall"} else int(text) for name, text in limits.items()}
    return Attack(
        kind=path.parent.name,
        name=path.stem,
        ends=tuple(stated["ends"].split(" or ")),
        says=stated["says"],
        limits=Limits(**{"cpu": 10.0, "wall": 60.0, **numbers}),  # type: ignore[arg-type]  # by the line above
        folder=stated.get("folder", ""),
        output=stated.get("output", ""),
    )


class Arena:
    """A started sandbox around all attacks, with bait laid out around it.

    Parameters
    ----------
    backend : Backend
        What confines them.
    """

    def __init__(self, backend: Backend) -> None:
        self.stack = contextlib.ExitStack()
        atexit.register(self.stack.close)
        self.word = secrets.token_hex(16)
        self.place = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="unfit-arena-")))
        self.place.chmod(0o755)
        self.tree, self.outside = self.place / "tree", self.place / "outside"
        shutil.copytree(SUBMISSIONS, self.tree, ignore=shutil.ignore_patterns("__pycache__"))
        (self.tree / "honest.py").write_text(HONEST)
        self.outside.mkdir()
        self.outside.chmod(0o777)
        (self.outside / "secret").write_text(self.word)
        (self.outside / "secret").chmod(0o666)
        self.bait = self.laid_out()
        self.worker: Worker = self.stack.enter_context(backend.open(self.tree, ENVIRONMENT, paths=(".",)))
        self.before = self.fingerprint()

    def laid_out(self) -> dict[str, Any]:
        """Lay out listeners and a variable; return where the bait lies, which is no secret."""
        inet = self.stack.enter_context(listening(socket.AF_INET, ("127.0.0.1", 0)))
        inet6 = self.stack.enter_context(listening(socket.AF_INET6, ("::1", 0)))
        abstract = f"unfit-arena-{os.getpid()}"
        self.stack.enter_context(listening(socket.AF_UNIX, f"\0{abstract}"))
        os.environ["UNFIT_BAIT"] = self.word
        return {
            "secret": str(self.outside / "secret"),
            "outside": str(self.outside),
            "places": [str(self.outside), str(KIT.parent.parent)],
            "pid": os.getpid(),
            "port": inet,
            "port6": inet6,
            "abstract": abstract,
        }

    def run(self, attack: Attack) -> Ending:
        """Run an attack, and see how it ended."""
        folder = Folder()
        args = (dict(self.bait), folder) if attack.folder else (dict(self.bait),)
        reply = self.worker.call(Call(attack.entry, args, limits=attack.limits))
        if attack.folder:
            assert folder.files == ast.literal_eval(attack.folder)
        if reply.fault is not None:
            return Ending(reply.fault.kind.value, reply.fault.message, reply)
        return Ending("answer", repr(reply.value), reply)

    def fingerprint(self) -> Mapping[str, str]:
        """Hash every file that an attack could have wanted to change."""
        places = (self.tree, self.outside, KIT / "wire", KIT / "worker")
        files = (path for place in places for path in place.rglob("*") if "__pycache__" not in path.parts)
        return {str(path): digest(path) for path in files if path.is_file() or path.is_symlink()}

    def strays(self) -> list[str]:
        """List what lives on below the grader, but for each zygote and the keeper that waits for the next call."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.living()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return found

    def living(self) -> list[str]:
        """List processes below the zygotes and the keepers, and what a porter has beside its zygote and one keeper."""
        known = parents()
        sandboxes = {link.process.pid for idle in self.worker._idle.values() for link in idle}  # type: ignore[attr-defined]
        porters = [pid for pid, parent in known.items() if parent in sandboxes]
        below = [sorted(pid for pid, parent in known.items() if parent == porter) for porter in porters]
        children = {pid for pids in below for pid in pids}
        over = [pid for pids in below for pid in pids[1:-1]]
        return [name_of(pid) for pid, parent in known.items() if parent in children] + list(
            map(name_of, over)
        )

    def aftermath(self, ending: Ending) -> None:
        """See that nothing is left of an attack, and that the next call is as if nothing had happened."""
        honest = self.worker.call(Call("honest:f", ([1, 2, 3],)))
        assert (honest.value, honest.fault, honest.stdout, honest.stderr) == (
            {"mean": 2.0, "rows": 3},
            None,
            "",
            "",
        )
        assert self.strays() == []
        assert self.fingerprint() == self.before
        assert self.word not in repr(ending.reply)


def digest(path: Path) -> str:
    """Hash a file, or name where a link leads."""
    return str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()


def name_of(pid: int) -> str:
    """Return what a process is called."""
    with contextlib.suppress(OSError):
        return f"{pid} {Path(f'/proc/{pid}/comm').read_text().strip()}"
    return str(pid)


@functools.cache
def confined() -> Arena:
    """Return the arena that all tests of a process share."""
    return Arena(Bubblewrap())


@functools.cache
def loose() -> Arena:
    """Return an arena without walls, where attacks that do no harm may be seen to succeed."""
    return Arena(Unprotected())
