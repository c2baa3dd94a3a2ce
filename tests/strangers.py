"""An ordinary user for tests that root runs: somebody who owns nothing, and who can read this Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import unfit

STRANGER = 61234
READABLE = "import subprocess, sys, pandas, pytest; subprocess.run([sys.executable, '-c', ''], check=True)"
# Within a mount namespace of its own, a closed folder is covered by an open one that shows what is needed of it.
OPENED = """set -e
shut=$1; hold=$(mktemp -d); shift
mount --bind "$shut" "$hold"
mount -t tmpfs -o mode=755 tmpfs "$shut"
while [ "$1" != -- ]; do
    mkdir -p "$shut/$1"
    mount --bind "$hold/$1" "$shut/$1"
    shift
done
umount -l "$hold"
rmdir "$hold"
shift
exec "$@"
"""


def closed(path: Path) -> Path | None:
    """Find the folder above a path that an ordinary user cannot enter."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


def python_of_a_stranger() -> list[str]:
    """Return the command that runs this Python, or another one, as an ordinary user; skip where nothing does."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    user = ["setpriv", "--reuid", str(STRANGER), "--regid", str(STRANGER), "--clear-groups"]
    python = [*user, os.environ.get("UNFIT_TEST_PYTHON", sys.executable)]
    for command in (python, [*opening(), *python]):
        tried = subprocess.run([*command, "-c", READABLE], capture_output=True, check=False, cwd="/")
        if tried.returncode == 0:
            return command
    pytest.skip("an ordinary user cannot read this Python; name another in UNFIT_TEST_PYTHON")


def opening() -> list[str]:
    """Return what opens the closed folder above this Python, for one process only."""
    needed = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    needed |= {Path(__file__).parent, Path(unfit.__file__).parents[1]}
    shut = closed(Path(sys.base_prefix)) or closed(Path(sys.prefix))
    if shut is None:
        return []
    inside = sorted(str(path.relative_to(shut)) for path in needed if path.is_relative_to(shut))
    return ["unshare", "--mount", "sh", "-c", OPENED, "sh", str(shut), *inside, "--"]
