"""The self-check: whether a sandbox on this machine denies what it must, tried rather than assumed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from unfit.errors import SandboxError
from unfit.sandbox.protocol import Backend, Call, Environment, FaultKind, Limits, Worker
from unfit.wire import Folder

__all__ = ["Denial", "forgets", "selfcheck"]

PROJECT: Final = ("probes.py", "traces.py")
LIMITS: Final = Limits(cpu=20.0, wall=60.0)
LONGEST_SHOWN: Final = 200
SCRATCH: Final = ["/tmp", "/dev/shm"]  # noqa: S108  (inside the sandbox)


@dataclass(frozen=True)
class Denial:
    """One thing that a sandbox must deny.

    Parameters
    ----------
    name : str
        What was tried.
    holds : bool
        Whether it was denied.
    seen : str
        What worked although it must not, or how the try ended.
    """

    name: str
    holds: bool
    seen: str = ""


@dataclass(frozen=True)
class Bait:
    """What the grader lays out for probes to reach."""

    word: str
    secret: Path
    port: int
    port6: int
    abstract: str


def selfcheck(backend: Backend, environment: Environment) -> tuple[Denial, ...]:
    """Try everything that a submission must not be able to do.

    Parameters
    ----------
    backend : Backend
        A sandbox that says it protects.
    environment : Environment
        The Python to run in it.

    Returns
    -------
    denials : tuple of Denial
        One for each thing tried; the sandbox is sound when all hold.

    Raises
    ------
    SandboxError
        If the backend does not claim to protect, or does not start.
    """
    if not backend.protected:
        raise SandboxError(f"the sandbox {backend.name!r} protects nothing, so there is nothing to check")
    with contextlib.ExitStack() as stack:
        project = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="unfit-selfcheck-")))
        project.chmod(0o755)
        for name in PROJECT:
            shutil.copyfile(Path(__file__).with_name(name), project / name)
        bait = stack.enter_context(laid_out())
        worker = stack.enter_context(backend.open(project, environment, paths=(".",)))
        return (*(tried(worker, name, entry, args) for name, entry, args in plan(bait)), forgets(worker))


def plan(bait: Bait) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Yield what is tried: its name, the probe, and the probe's arguments."""
    homes = {str(Path.home()), "/home"} - {"/"}  # an account without a home has the root instead
    yield (
        "read files of the machine",
        "read_files",
        (["/etc/shadow", "/etc/passwd", "/etc/hostname", str(bait.secret)],),
    )
    yield (
        "look into homes and other folders",
        "list_folders",
        ([*homes, "/var", "/srv", "/sys", "/run", "/boot"],),
    )
    yield (
        "write outside of the scratch folders",
        "write_files",
        (["/", "/submission", "/kit", "/usr", "/etc", "/dev"],),
    )
    yield "read the grader's environment", "environment", (bait.word,)
    yield "reach the network", "connect", (bait.port, bait.port6, bait.abstract)
    yield "open sockets of other families", "families", ()
    yield "trace or read the zygote", "trace", ()
    yield "end the zygote", "kill", ()
    yield "see other processes", "processes", ()
    yield "mount, or make namespaces", "remount", ()
    yield "use system calls that reach further", "system_calls", ()
    yield "know how others use this machine", "counters", ()
    yield "hold or gain privileges", "privileges", ()
    yield "change settings of the kernel", "kernel_settings", ()
    yield "make devices, or raise limits", "devices", (SCRATCH[0],)
    yield "fill the scratch folders without end", "fill", (SCRATCH,)
    yield "fork without end", "multiply", ()
    yield "start a daemon", "leave", (SCRATCH[0],)
    yield "leave anything for the next call", "left", (SCRATCH[0],)


def tried(worker: Worker, name: str, entry: str, args: tuple[Any, ...]) -> Denial:
    """Run one probe in a process of its own."""
    reply = worker.call(Call(f"probes:{entry}", args, limits=LIMITS))
    if reply.fault is None:
        return Denial(name, not reply.value, str(reply.value))
    stopped = entry == "multiply" and (
        reply.fault.kind is FaultKind.PROCESSES or "BlockingIOError" in reply.fault.message
    )
    return Denial(name, stopped, f"{reply.fault.kind}: {reply.fault.message}")


def forgets(worker: Worker) -> Denial:
    """See whether a call could know anything of the call before it: record, leave traces, record again."""
    name, word = "know anything of the call before", secrets.token_hex(16)
    record = Call("traces:seen", (word[::-1],), limits=LIMITS)
    before = worker.call(record)
    left = worker.call(Call("traces:leave", (word, Folder()), limits=LIMITS))
    after = worker.call(record)
    for reply in (before, left, after):
        if reply.fault is not None:
            return Denial(name, False, f"{reply.fault.kind}: {reply.fault.message}")
    found = differences(before.value, after.value)
    return Denial(name, not found, "; ".join(found))


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Name what a call sees otherwise than the one before, and whatever it found of its memory."""
    names = sorted(before.keys() | after.keys())
    changed = [f"{name}: {shown(before, name)} became {shown(after, name)}" for name in names]
    return [text for name, text in zip(names, changed, strict=True) if before.get(name) != after.get(name)]


def shown(record: dict[str, str], name: str) -> str:
    """Return an observation in a length that a line takes."""
    text = record.get(name, "nothing")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


@contextlib.contextmanager
def laid_out() -> Iterator[Bait]:
    """Lay out a file, listeners and an environment variable, and take them away again."""
    word = secrets.token_hex(16)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="unfit-bait-"))
        Path(folder).chmod(0o755)
        secret = Path(folder, "secret")
        secret.write_text(word)
        port = stack.enter_context(listening(socket.AF_INET, ("127.0.0.1", 0)))
        port6 = stack.enter_context(listening(socket.AF_INET6, ("::1", 0)))
        stack.enter_context(listening(socket.AF_UNIX, f"\0unfit-{word}"))
        os.environ["UNFIT_BAIT"] = word
        stack.callback(os.environ.pop, "UNFIT_BAIT", None)
        yield Bait(word, secret, port, port6, f"unfit-{word}")


@contextlib.contextmanager
def listening(family: int, address: Any) -> Iterator[int]:
    """Listen on an address, where this machine has its family; yield the port."""
    with socket.socket(family, socket.SOCK_STREAM) as server:
        try:
            server.bind(address)
            server.listen()
        except OSError:
            yield 0
            return
        yield server.getsockname()[1] if family != socket.AF_UNIX else 0
