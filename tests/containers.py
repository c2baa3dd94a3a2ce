"""Containers for tests: a base and an image made on this machine, and the ways in which they are run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

import unfit
from unfit import engine
from unfit.engine import Engine, Mount

__all__ = ["ORDINARY", "PODMAN", "ROOT", "SEED", "Box", "base", "idle", "image", "missing", "ran", "settings"]

CLONE: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = Path(unfit.__file__).parent
PROGRAMS: Final = ("podman", "runc", "mmdebstrap")
PODMAN: Final = Engine("podman", "podman")
BASE: Final = "localhost/unfit-test-base"
CONTENTS: Final = "python3,python3-venv,ca-certificates"
ROOT, ORDINARY = (0, 0), (61234, 61234)
SEED: Final = "7"
SETTINGS: Final = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
{network}
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
"""
"""What podman needs on a machine that is a small virtual machine or a container itself.

It stands in podman's own settings, so that the kit's command line is what is tested.
"""
NETWORK: Final = 'netns = "host"\nvolumes = {volumes}'
OF_THIS_MACHINE: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
"""What this machine needs to reach package indexes, where it has it; nothing of it stays in an image."""


def missing() -> str:
    """Say why no image can be made here; empty where one can."""
    gone = [name for name in PROGRAMS if shutil.which(name) is None]
    if gone:
        return f"needs {', '.join(gone)}"
    return "" if os.geteuid() == 0 else "makes a base as root"


@contextmanager
def settings(folder: Path, *, network: bool = False) -> Iterator[None]:
    """Let podman run on this machine; with the network of this machine only where that is said."""
    volumes = [f"{path}:{path}:ro" for path in OF_THIS_MACHINE if Path(path).exists()]
    path = folder / f"containers-{network}.conf"
    more = NETWORK.format(volumes=str(volumes).replace("'", '"')) if network else ""
    path.write_text(SETTINGS.format(network=more))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CONTAINERS_CONF", str(path))
        yield


def ran(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command, and return what it said."""
    words = [*map(str, command)]
    return subprocess.run(
        words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **options
    )


def base(folder: Path) -> str:
    """Make a base without a registry of images, where there is none yet; ``podman rmi`` makes it anew."""
    if ran(["podman", "image", "exists", BASE]).returncode:
        archive = folder / "base.tar"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={CONTENTS}", "bookworm", archive],
            check=True,
        )
        subprocess.run(["podman", "import", "--quiet", archive, BASE], check=True)
        archive.unlink()
    return BASE


def idle(folder: Path) -> str:
    """Say why no container runs on this machine or reaches packages, whatever is in it; empty where one does."""
    reach = "python3 -m venv /tmp/env && /tmp/env/bin/pip download -q --no-deps -d /tmp/got annotated-types"
    try:
        for network, words in (False, ["true"]), (True, ["sh", "-c", reach]):
            with settings(folder, network=network):
                done = ran(["podman", "run", "--rm", base(folder), *words])
            if done.returncode:
                return done.stderr.strip()[-500:] or f"{words[-1]}: exit code {done.returncode}"
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)
    return ""


def image(folder: Path) -> str:
    """Build the kit's image as a user would, where what it is made of has not been built yet."""
    with settings(folder, network=True):
        command = [sys.executable, "-m", "unfit", "setup", "--engine", "podman", "--base", base(folder)]
        subprocess.run(command, check=True)
    return engine.image()


def line(
    name: str, words: Sequence[str], *, user: tuple[int, int], mounts: Sequence[Mount] = ()
) -> list[str]:
    """Write the command by which the kit runs a verb inside, with the kit of this clone."""
    kit = Mount(PACKAGE, target=f"{engine.KIT}/unfit")
    return engine.command_line(
        PODMAN,
        words,
        image=name,
        mounts=[kit, *mounts],
        folder=Path("/tmp"),
        user=user,
    )


@dataclass(frozen=True)
class Box:
    """A container that lives on, in which commands are typed.

    Parameters
    ----------
    name : str
    """

    name: str

    @classmethod
    @contextmanager
    def of(cls, image: str, *options: str) -> Iterator[Box]:
        """Start one, and end it afterwards."""
        started = ran(
            ["podman", "run", "--detach", "--rm", *options, "--entrypoint=sleep", image, "infinity"]
        )
        assert started.returncode == 0, started.stderr
        try:
            yield cls(started.stdout.strip())
        finally:
            ran(["podman", "kill", started.stdout.strip()])

    def type(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Type a command inside."""
        said = [f"--env={name}={value}" for name, value in environment.items()]
        return ran(["podman", "exec", *said, self.name, *words])

    def must(self, *words: str, **environment: str) -> str:
        """Type a command that has to work; what it says."""
        done = self.type(*words, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr
