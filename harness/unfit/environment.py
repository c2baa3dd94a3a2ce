"""The environment of exercises: one locked Python that runs submissions, apart from the kit's own."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from unfit import home
from unfit.errors import EnvironmentMissing, SandboxError
from unfit.sandbox import Environment

__all__ = ["build", "digest_of", "find", "folder_of", "lock_of"]

LOCK = "environment.lock"


def lock_of(bank: Path) -> bytes:
    """Read the lock file: the bank's own where it has one, else the kit's.

    Parameters
    ----------
    bank : Path
        The bank's root.
    """
    own = bank / LOCK
    return own.read_bytes() if own.is_file() else (files("unfit") / "data" / LOCK).read_bytes()


def digest_of(lock: bytes) -> str:
    """Hash what decides an environment: the lock file, the Python and the family of processors."""
    python = ".".join(map(str, sys.version_info[:2]))
    return hashlib.sha256(b"\0".join([lock, python.encode(), platform.machine().encode()])).hexdigest()


def folder_of(digest: str) -> Path:
    """Say where an environment lives on this machine: where it came with the machine, else in the kit's cache."""
    places = [folder / digest[:16] for folder in home.environments()]
    return next((place for place in places if (place / "bin" / "python").exists()), places[-1])


def find(bank: Path, *, packages: tuple[str, ...] = ()) -> Environment:
    """Find the environment that runs the submissions of a bank.

    Parameters
    ----------
    bank : Path
        The bank's root.
    packages : tuple of str
        Import names that the exercise allows.

    Raises
    ------
    EnvironmentMissing
        If it has not been built on this machine.
    """
    digest = digest_of(lock_of(bank))
    python = folder_of(digest) / "bin" / "python"
    if not python.exists():
        raise EnvironmentMissing(
            "the environment that runs submissions has not been built on this machine",
            fix="run `unfit setup`, or `make setup` in a clone",
        )
    return Environment(python=python, digest=digest, packages=packages)


def build(bank: Path, *, tell: Callable[[str], None] = lambda _: None) -> Environment:
    """Build the environment from its lock file, or find it built.

    Parameters
    ----------
    bank : Path
        The bank's root.
    tell : callable
        Told in a sentence what is being done.

    Raises
    ------
    SandboxError
        If pip cannot install what the lock names; nothing half-built is left behind.
    """
    lock = lock_of(bank)
    target = folder_of(digest_of(lock))
    if not (target / "bin" / "python").exists():
        tell(f"building the environment of exercises in {target}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as scratch:
            fresh = Path(scratch) / "environment"
            _install(lock, fresh)
            _publish(fresh, target)
    return find(bank)


def _install(lock: bytes, into: Path) -> None:
    """Install every locked distribution by hash, from wheels only, so that nothing runs while installing."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(into)
    listing = into / LOCK
    listing.write_bytes(lock)
    command = [sys.executable, "-m", "pip", "--python", str(into / "bin" / "python"), "install"]
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile", "-q"]
    quiet = ["--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*command, *options, *quiet, "-r", str(listing)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        if "No space left on device" in done.stderr or "Disk quota exceeded" in done.stderr:
            raise SandboxError(
                f"there is no room for the environment of exercises:\n{last}",
                fix=f"make room in {into.parent.parent} and in {tempfile.gettempdir()}, or name another folder for "
                "temporary files: TMPDIR=FOLDER unfit setup",
            )
        raise SandboxError(
            f"pip could not install the environment of exercises:\n{last}",
            fix="look at the last line; most often the package index cannot be reached. Then run `unfit setup` again",
        )
    _compile(into)


def _compile(environment: Path) -> None:
    """Compile ahead of time: submissions see the environment read-only and would compile it at every start."""
    command = [
        str(environment / "bin" / "python"),
        "-m",
        "compileall",
        "-q",
        "-j",
        "0",
        str(environment / "lib"),
    ]
    subprocess.run(command, capture_output=True, check=False)


def _publish(fresh: Path, target: Path) -> None:
    """Move a finished environment into place; another process may have been quicker."""
    try:
        fresh.rename(target)
    except OSError:
        if not (target / "bin" / "python").exists():
            shutil.rmtree(target, ignore_errors=True)
            fresh.rename(target)
