"""The engine: docker or podman, which runs a verb inside the kit's image where the machine itself cannot isolate.

Inside, bubblewrap confines each call as it does anywhere else: a submission stands behind two walls.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final

from unfit.bank import bundled
from unfit.errors import SandboxError

__all__ = ["NAMES", "Engine", "Mount", "build", "command_line", "find", "image", "inner", "obstacle", "run"]

NAMES: Final = ("docker", "podman")
KIT: Final = "/opt/kit"
CACHE: Final = "/cache"
RECIPE: Final = ("Containerfile", "kit.lock", "pyproject.toml", "README.md", "LICENSE")
LOCK: Final = "data/environment.lock"
MEMORY: Final = 4
"""GiB that a submission may use, and that the grader beside it may."""
PROCESSES: Final = 512
SCRATCH: Final = 8
"""GiB that temporary files may take, within the memory."""
ADMIN: Final = 0
IMAGE_USER: Final = 10001
PATIENCE: Final = 30.0
ORDINARY: Final = {
    # bubblewrap names its host, which the usual filter of system calls forbids, and mounts a /proc of its own,
    # which the kernel allows where no part of the old one is covered
    "podman": ("--security-opt=seccomp=unconfined", "--security-opt=unmask=ALL"),
    "docker": (
        "--security-opt=seccomp=unconfined",
        "--security-opt=systempaths=unconfined",
        "--security-opt=apparmor=unconfined",
    ),
}
"""What an ordinary user needs inside, who has a user namespace for the rest."""
AS_ROOT: Final = (
    # a root inside gives each call a user of its own instead of a user namespace: what bubblewrap keeps for that
    *(
        f"--cap-add={name}"
        for name in ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "SETUID", "SETGID")
    ),
    *(f"--cap-add={name}" for name in ("SETPCAP", "SETFCAP", "KILL", "DAC_OVERRIDE", "FOWNER")),
)
START: Final = {
    "docker": "start Docker Desktop, or `sudo systemctl start docker` on Linux",
    "podman": "run `podman machine start`, after `podman machine init` the first time",
}


@dataclass(frozen=True)
class Engine:
    """What runs containers.

    Parameters
    ----------
    name : {"docker", "podman"}
    program : str
        Its command.
    """

    name: str
    program: str


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine that is seen inside, at the same place.

    Parameters
    ----------
    source : PurePath
        Absolute.
    target : str, default=""
        Another place inside.
    writable : bool, default=False
    """

    source: PurePath
    target: str = ""
    writable: bool = False


def find(name: str | None = None) -> Engine | None:
    """Find the engine of a name, or the first that is installed and answers, else the first that is installed."""
    found = [Engine(one, program) for one in NAMES if name in {None, one} and (program := shutil.which(one))]
    return next(
        (engine for engine in found if len(found) > 1 and not obstacle(engine)), next(iter(found), None)
    )


def obstacle(engine: Engine) -> str:
    """Say why an engine does not run containers; empty where it does."""
    try:
        done = subprocess.run(
            [engine.program, "info"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return (done.stderr.strip() or "it does not answer") if done.returncode else ""


def inner(path: PurePath) -> str:
    """Say where a path of this machine is inside: at the same place, a drive as its letter."""
    if isinstance(path, PureWindowsPath):
        drive = path.drive.rstrip(":").lower()
        if path.drive and not (len(drive) == 1 and drive.isalpha()):
            raise SandboxError(
                f"{path} lies on a share, which engines cannot mount",
                fix="copy it to a drive of this machine",
            )
        return str(PurePosixPath("/", drive, *path.parts[1:])) if path.drive else path.as_posix()
    return str(path)


def command_line(
    engine: Engine,
    words: Sequence[str],
    *,
    image: str,
    mounts: Iterable[Mount],
    folder: PurePath,
    user: tuple[int, int] | None,
    rootless: bool = False,
    terminal: bool = False,
    workers: int = 1,
) -> list[str]:
    """Write the command that runs a verb inside.

    Parameters
    ----------
    engine : Engine
    words : sequence of str
        The verb and its arguments, with paths as they are inside.
    image : str
        Its name.
    mounts : iterable of Mount
        All that is seen of this machine.
    folder : PurePath
        Where the user stands.
    user : (int, int) or None
        User and group on Linux, who are to own what is written; ``None`` where the engine lives in a virtual machine.
    rootless : bool, default=False
        Whether podman runs as an ordinary user.
    terminal : bool, default=False
        Whether a person watches.
    workers : int, default=1
        Submissions side by side: each takes memory and processes.
    """
    options = ["run", "--rm", "--interactive", *(["--tty"] if terminal else [])]
    options += ["--network=none", "--read-only", f"--tmpfs=/tmp:rw,exec,mode=1777,size={SCRATCH}g"]
    options += [f"--memory={MEMORY * (1 + workers)}g", f"--pids-limit={PROCESSES * (1 + workers)}"]
    options += ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--security-opt=label=disable"]
    options += AS_ROOT if user and user[0] == ADMIN and not rootless else ORDINARY[engine.name]
    if user:
        options += [f"--user={user[0]}:{user[1]}", *(["--userns=keep-id"] if rootless else [])]
    elif engine.name == "podman":
        options += [f"--userns=keep-id:uid={IMAGE_USER},gid={IMAGE_USER}"]
    options += ["--env=HOME=/tmp", f"--env=XDG_CACHE_HOME={CACHE}", f"--env=PYTHONPATH={KIT}"]
    options += ["--env=PYTHONDONTWRITEBYTECODE=1", "--env=UNFIT_ENGINE=none"]
    options += [f"--env={name}" for name in ("TERM", "COLUMNS", "NO_COLOR") if name in os.environ]
    options += [f"--mount={_mount(mount)}" for mount in mounts]
    return [engine.program, *options, f"--workdir={inner(folder)}", image, *words]


def _mount(mount: Mount) -> str:
    """Write a mount as engines read it: one row of comma-separated values."""
    row = io.StringIO()
    fields = ["type=bind", f"source={mount.source}", f"target={mount.target or inner(mount.source)}"]
    csv.writer(row, lineterminator="").writerow([*fields, *([] if mount.writable else ["readonly"])])
    return row.getvalue()


def caller() -> tuple[int, int] | None:
    """Say who is to own what is written, where containers share the users of this machine."""
    return (os.getuid(), os.getgid()) if platform.system() == "Linux" else None


def image() -> str:
    """Name the image by what it is made of; ``UNFIT_IMAGE`` names another."""
    named = os.environ.get("UNFIT_IMAGE")
    if named:
        return named
    whole = hashlib.sha256()
    for name in ("Containerfile", "kit.lock"):
        whole.update(_recipe(name).read_bytes())
    whole.update((_package() / LOCK).read_bytes())
    return f"unfit:{whole.hexdigest()[:12]}"


def is_built(engine: Engine) -> bool:
    """Whether the image is there already."""
    command = [engine.program, "image", "inspect", image()]
    return not subprocess.run(command, capture_output=True, check=False).returncode


def build(engine: Engine, context: Path, *, base: str = "") -> None:
    """Build the image; what the engine says goes where this process's own output goes.

    Parameters
    ----------
    engine : Engine
    context : Path
        An empty folder, in which what it is made of is laid out.
    base : str, default=""
        Another image to start from.

    Raises
    ------
    SandboxError
        If the engine fails.
    """
    _lay(context)
    options = ["--build-arg", f"BASE={base}"] if base else []
    command = [engine.program, "build", "--tag", image(), *options, "--file", str(context / "Containerfile")]
    if run([*command, str(context)]):
        raise SandboxError(
            f"{engine.name} could not build the image {image()}",
            fix="look at its last lines; most often a registry of images or packages cannot be reached",
        )


def _lay(context: Path) -> None:
    """Lay out a clone's part that an image is made of, in a clone and from an installed wheel alike."""
    for name in RECIPE:
        shutil.copyfile(_recipe(name), context / name)
    without = shutil.ignore_patterns("__pycache__", "bundled", ".unfit")
    shutil.copytree(_package(), context / "harness" / "unfit", ignore=without)
    bank = bundled()
    for name in ("exercises", "solutions"):
        if bank is None:
            (context / name).mkdir()
        else:
            shutil.copytree(bank / name, context / name, ignore=without)


def _package() -> Path:
    return Path(__file__).resolve().parent


def _recipe(name: str) -> Path:
    """Find a file that an image is made of: in the wheel, or at the root of a clone."""
    brought = _package() / "recipe" / name
    return brought if brought.is_file() else _package().parents[1] / name


def run(command: Sequence[str]) -> int:
    """Run a command in this terminal; Ctrl-C reaches it, and it is waited for.

    Returns
    -------
    code : int
        Its exit code.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)  # whoever types Ctrl-C reaches the engine as well
    try:
        with subprocess.Popen(command) as process:
            try:
                return process.wait()
            except BaseException:
                process.terminate()
                raise
    finally:
        signal.signal(signal.SIGINT, before)
