"""Unprotected: the same zygote as a plain process of this user, for whoever says so in as many words."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unfit.sandbox import launcher
from unfit.sandbox.interpreter import interpreter
from unfit.sandbox.kit import ARGUMENTS, kit_files, variables
from unfit.sandbox.link import Link
from unfit.sandbox.protocol import Environment, Worker
from unfit.sandbox.worker import PooledWorker

__all__ = ["Unprotected"]


class Unprotected:
    """Run submissions without confinement; limits hold, walls do not stand."""

    name = "unprotected"
    protected = False

    def check(self) -> Sequence[str]:
        """Name what stands in the way; nothing ever does."""
        return []

    def open(
        self, submission: Path, environment: Environment, *, paths: Sequence[str] = ("src", ".")
    ) -> Worker:
        """Start a zygote on a submission; ``paths`` go on ``sys.path``."""
        interpreter(environment.python)
        holder = Path(tempfile.mkdtemp(prefix="unfit-unprotected-"))
        tree = submission.resolve()
        return PooledWorker(
            lambda seed: start(tree, environment, paths, holder, seed),
            lambda: shutil.rmtree(holder, ignore_errors=True),
        )


def start(tree: Path, environment: Environment, paths: Sequence[str], holder: Path, hash_seed: int) -> Link:
    """Start one zygote with a scratch folder of its own."""
    place = Path(tempfile.mkdtemp(dir=holder))
    scratch, kit = place / "scratch", place / "kit"
    scratch.mkdir()
    for file, name in kit_files():
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / name).symlink_to(file)
    near, far = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115  (the link closes it)
    with far:
        process = launcher.start(
            [str(environment.python), *ARGUMENTS, str(far.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env=variables(environment.python, scratch=str(scratch), kit=str(kit), hash_seed=hash_seed),
            cwd="/",
            pass_fds=(far.fileno(),),
        )
    settings: dict[str, Any] = {
        "submission": str(tree),
        "scratch": str(scratch),
        "kit": str(kit),
        "fresh": [],
        "temporary": [],
        "rules": b"",
        "paths": list(paths),
        "packages": list(environment.packages),
        "user": None,
        "inside": None,
        "decoder_user": None,
        "count_processes": False,
    }
    return Link(process, near, errors, settings)
