"""Bubblewrap: a zygote in namespaces of its own, with nothing of the machine but a Python."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from unfit.errors import SandboxError
from unfit.sandbox import groups, launcher, seccomp, system
from unfit.sandbox.interpreter import Interpreter, inside, interpreter
from unfit.sandbox.kit import ARGUMENTS, kit_files, variables
from unfit.sandbox.link import Link
from unfit.sandbox.obstacles import remedy
from unfit.sandbox.protocol import MIB, Environment, Limits, Worker
from unfit.sandbox.worker import PooledWorker

__all__ = ["Bubblewrap"]

KIT: Final = "/kit"
SUBMISSION: Final = "/submission"
SCRATCH: Final = "/tmp"  # noqa: S108  (inside the sandbox)
SHARED: Final = "/dev/shm"  # noqa: S108  (inside the sandbox)
SHARED_MEMORY: Final = 64 * MIB
KEPT: Final = [
    "SETUID",
    "SETGID",
    "SETPCAP",
    "SETFCAP",
    "KILL",
    "DAC_OVERRIDE",
    "FOWNER",
    "SYS_PTRACE",
    "SYS_CHROOT",
    "SYS_ADMIN",
    "NET_ADMIN",
]
FRESH: Final = ("pid", "mount", "net", "ipc", "uts", "cgroup")
FIRST_USER: Final = 0x4000_0000
USERS: Final = 0x1000_0000
NAMESPACED_COUNTS: Final = (5, 14)
# what the first process of a sandbox does for each call, and may
TRY: Final = """
import ctypes, sys
rights = {"KILL": 5, "SETGID": 6, "SETUID": 7, "SYS_CHROOT": 18, "SYS_PTRACE": 19}
held = next(int(line.split()[1], 16) for line in open("/proc/self/status") if line.startswith("CapEff"))
if lost := [name for name, number in rights.items() if not held >> number & 1]:
    sys.exit(f"bubblewrap starts, but what it starts lacks the rights {', '.join(lost)}")
done = ctypes.CDLL(None, use_errno=True).unshare(0x6E020000)
sys.exit("bubblewrap starts, but what it starts may make no namespaces" if done else 0)
"""
IDLE: Final = "0.00 0.00 0.00 1/1 1\n"


class Bubblewrap:
    """Confine submissions by bubblewrap."""

    name = "bubblewrap"
    protected = True

    def check(self) -> Sequence[str]:
        """Name what stands in the way on this machine; empty when it works."""
        if sys.platform != "linux":
            return [
                f"{platform.system()} cannot isolate: install docker or podman, or use Linux, or WSL2 on Windows"
            ]
        program = shutil.which("bwrap")
        if program is None:
            return [
                "bubblewrap is not installed: run `sudo apt-get install bubblewrap` (or dnf, pacman, zypper)"
            ]
        return [problem for problem in (libseccomp_problem(), start_problem(program)) if problem]

    def open(
        self, submission: Path, environment: Environment, *, paths: Sequence[str] = ("src", ".")
    ) -> Worker:
        """Start a sandbox around a clean copy of a submission; ``paths`` go on ``sys.path``."""
        problems = [] if shutil.which("bwrap") else self.check()
        if problems:
            raise SandboxError("; ".join(problems))
        python = interpreter(environment.python)
        refuse_unreadable(python)
        tree, cleanup = readable(submission.resolve())
        try:
            return PooledWorker(lambda seed: start(tree, python, environment, paths, seed), cleanup)
        except BaseException:
            cleanup()
            raise


def seen_inside(path: Path, environment: Environment) -> str:
    """Name the folder that a sandbox shows and that a path of this machine lies in; empty where there is none."""
    place = str(path.resolve())
    python = interpreter(environment.python)
    shown = (*python.folders, *system.paths())
    if any(inside(place, folder) for folder in python.spare):
        return ""
    return next((folder for folder in shown if inside(place, folder) or place == folder), "")


def as_root() -> bool:
    """Whether the grader is root, who can give every sandbox a user of its own."""
    return os.geteuid() == 0


def libseccomp_problem() -> str:
    """Say why system calls cannot be filtered, if they cannot."""
    try:
        seccomp.program()
    except (ImportError, OSError, RuntimeError) as error:
        return f"libseccomp cannot be used ({error}): run `sudo apt-get install libseccomp2`"
    return ""


def start_problem(program: str) -> str:
    """Say why bubblewrap cannot start a process, if it cannot."""
    root = ("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev")
    command = [program, *confinement(), *root, "--tmpfs", SHARED, sys.executable, "-I", "-c", TRY]
    try:
        done = subprocess.run(command, capture_output=True, env={}, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap does not run: {error}"
    message = done.stderr.decode(errors="replace").strip()
    return "" if done.returncode == 0 else f"{message}: {remedy(message)}"


def refuse_unreadable(python: Interpreter) -> None:
    """Refuse an interpreter that the submission's user could not read."""
    for folder in python.folders:
        path = Path(folder)
        allowed = open_to_all(path) if as_root() else os.access(path, os.R_OK | (path.is_dir() and os.X_OK))
        if not allowed:
            raise SandboxError(
                f"a Python in {folder} cannot be read by the user that submissions run as",
                fix=f"run `chmod -R o+rX {folder}`, or build the environment elsewhere",
            )


def readable(submission: Path) -> tuple[Path, Any]:
    """Return a tree that the submission's user can read: itself, or a copy that is removed in the end."""
    if not as_root() or all(open_to_all(path) for path in (submission, *submission.rglob("*"))):
        return submission, lambda: None
    holder = Path(tempfile.mkdtemp(prefix="unfit-tree-"))
    copy = holder / "submission"
    shutil.copytree(submission, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return copy, lambda: shutil.rmtree(holder, ignore_errors=True)


def open_to_all(path: Path) -> bool:
    """Whether everybody may read a path."""
    mode = path.lstat().st_mode
    need = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return stat.S_ISLNK(mode) or mode & need == need


def start(
    tree: Path, python: Interpreter, environment: Environment, paths: Sequence[str], hash_seed: int
) -> Link:
    """Start one sandbox; it begins to import while the grader goes on."""
    group = groups.make()
    near, far = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115  (the link closes it)
    with far, tempfile.TemporaryFile() as arguments:
        values = variables(environment.python, scratch=SCRATCH, kit=KIT, hash_seed=hash_seed)
        options = [*confinement(), *mounts(tree, python), *settings(values)]
        arguments.write(b"".join(os.fsencode(option) + b"\0" for option in options))
        arguments.seek(0)
        command = [
            "bwrap",
            "--args",
            str(arguments.fileno()),
            "--",
            str(python.python),
            *ARGUMENTS,
            str(far.fileno()),
        ]
        process = launcher.start(
            command,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env={},
            executable=shutil.which("bwrap"),
            pass_fds=(far.fileno(), arguments.fileno()),
            preexec_fn=group and group.join,
        )
    return Link(process, near, errors, config(environment, paths, python), group)


def config(environment: Environment, paths: Sequence[str], python: Interpreter) -> dict[str, Any]:
    """Return what a zygote is told about its sandbox."""
    user = FIRST_USER + 2 * secrets.randbelow(USERS) if as_root() else None
    return {
        "submission": SUBMISSION,
        "scratch": SCRATCH,
        "shared": SHARED,
        "kit": KIT,
        "fresh": list(FRESH),
        "temporary": [[SCRATCH, Limits().scratch], [SHARED, SHARED_MEMORY]],
        "kept": sorted(tops_below_scratch(python)),
        "figures": {"meminfo": memory_figures(Limits().resident), "uptime": "0.00 0.00\n", "loadavg": IDLE},
        "rules": seccomp.compiled(),
        "paths": list(paths),
        "packages": list(environment.packages),
        "user": user,
        "inside": None if as_root() else os.getuid(),
        "decoder_user": None if user is None else user + 1,
        "count_processes": as_root() or kernel() >= NAMESPACED_COUNTS,
    }


def memory_figures(size: int) -> str:
    """Write a ``/proc/meminfo`` that tells how much a call may use, and nothing of the machine."""
    names = ("MemTotal", "MemFree", "MemAvailable")
    empty = (
        "Buffers",
        "Cached",
        "SwapCached",
        "Active",
        "Inactive",
        "SwapTotal",
        "SwapFree",
        "Shmem",
        "Slab",
    )
    amounts = {**dict.fromkeys(names, size // 1024), **dict.fromkeys(empty, 0)}
    return "".join(f"{name + ':':<15} {amount:>8} kB\n" for name, amount in amounts.items())


def kernel() -> tuple[int, ...]:
    """Return the kernel's version."""
    return tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit())


def confinement() -> list[str]:
    """Return the options that take things away."""
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    options += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--as-pid-1"]
    if not as_root():  # who makes namespaces must be root in one; the submission never is
        options += ["--unshare-user", "--uid", "0", "--gid", "0"]
    options += ["--cap-drop", "ALL"]
    return [*options, *(word for capability in KEPT for word in ("--cap-add", f"CAP_{capability}"))]


def mounts(tree: Path, python: Interpreter) -> list[str]:
    """Return the options that make the file system; the order is that of the mounts."""
    options = [word for path in system.paths() for word in (*parents(path), "--ro-bind", path, path)]
    options += [word for link, target in system.links() for word in ("--symlink", target, link)]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += [*temporary(SHARED, SHARED_MEMORY), "--remount-ro", "/dev"]
    options += temporary(SCRATCH, Limits().scratch)
    options += python_mounts(python)
    for file, place in kit_files():
        options += [*parents(f"{KIT}/{place}"), "--ro-bind", str(file), f"{KIT}/{place}"]
    options += ["--ro-bind", str(tree), SUBMISSION, "--remount-ro", "/", "--chdir", "/"]
    return options


def temporary(place: str, size: int) -> tuple[str, ...]:
    """Return the options that mount a folder in memory, which everybody may write to."""
    return ("--size", str(size), "--perms", "1777", "--tmpfs", place)


def python_mounts(python: Interpreter) -> Iterator[str]:
    """Yield the options that bring the interpreter in, at the places where it is outside."""
    guarded = tops_below_scratch(python) - {*python.folders}
    for top in guarded:  # nobody can rename a mount, so a mount it is that leads there
        yield from ("--size", str(MIB), "--perms", "0755", "--tmpfs", top)
    for folder in python.folders:
        yield from (*parents(folder), "--ro-bind", folder, folder)
    for folder in python.spare:  # the kit itself may be there, and the bank that it brings
        yield from ("--size", str(MIB), "--perms", "0755", "--tmpfs", folder, "--remount-ro", folder)
    for link, target in python.links:
        yield from (*parents(link), "--symlink", target, link)
    for top in guarded:
        yield from ("--remount-ro", top)


def tops_below_scratch(python: Interpreter) -> set[str]:
    """List the folders just below the scratch folder that lead to the interpreter, where any do."""
    paths = (*python.folders, *(link for link, _ in python.links))
    return {"/".join(path.split("/")[:3]) for path in paths if inside(path, SCRATCH)}


def parents(path: str) -> Iterator[str]:
    """Yield the options that make the folders above a path, open to everybody."""
    for parent in reversed(Path(path).parents):
        if str(parent) != "/":
            yield from ("--perms", "0755", "--dir", str(parent))


def settings(values: dict[str, str]) -> Iterator[str]:
    """Yield the options that set environment variables."""
    for name, value in values.items():
        yield from ("--setenv", name, value)
