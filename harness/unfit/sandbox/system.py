"""The system: what of a Linux system's own folders a Python needs in order to run, and nothing beside it."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from unfit.sandbox.interpreter import BROAD, outermost

__all__ = ["links", "paths"]

TOPS: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
LIBRARIES: Final = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib32", "/usr/lib32")
MIXED: Final = frozenset({"/lib", "/usr/lib"})  # hold much that is no library
MOST_FILES: Final = 64
LDCONFIG: Final = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
# what Python's own library starts, and what shell lines in notebooks use most
PROGRAMS: Final = ("/bin/sh", "/usr/bin/env", "/bin/cat", "/bin/ls", "/bin/uname", *LDCONFIG)
DATA: Final = (
    "/usr/share/zoneinfo",
    "/usr/lib/locale",
    "/usr/share/fonts",
    "/usr/share/fontconfig",
    "/usr/local/share/fonts",
    "/usr/share/terminfo",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/fonts",
)
PATIENCE: Final = 30.0


def links() -> Iterator[tuple[str, str]]:
    """Yield the folders of the root that are links, with their targets."""
    for top in map(Path, TOPS):
        if top.is_symlink():
            yield str(top), str(top.readlink())


@functools.cache
def paths() -> tuple[str, ...]:
    """List the files and folders that programs need, none inside another: libraries, a shell, time zones, fonts."""
    wanted = {real(path) for path in (*libraries(), *PROGRAMS, *DATA) if Path(path).exists()}
    return outermost(wanted - BROAD)


def real(path: str) -> str:
    """Follow the links that lead to a path; a file keeps the name by which it is called."""
    place = Path(path)
    return os.path.realpath(place if place.is_dir() else place.parent) + (
        "" if place.is_dir() else f"/{place.name}"
    )


def libraries() -> Iterator[str]:
    """Yield the folders of the linker's cache; of those that hold other things too, only the libraries."""
    found: dict[str, set[str]] = {}
    for file in map(Path, linked()):
        found.setdefault(real(str(file.parent)), set()).add(file.name)
    if not found:  # a C library without a cache looks into these
        yield from LIBRARIES
    for folder, names in found.items():
        if folder.startswith(LIBRARIES):
            single = folder in MIXED and len(names) <= MOST_FILES
            yield from (f"{folder}/{name}" for name in names) if single else [folder]
    yield from (top for top in LIBRARIES if top not in MIXED)  # the loader is called by its place there


def linked() -> Iterator[str]:
    """Yield the libraries that the linker knows."""
    for program in LDCONFIG:
        if Path(program).exists():
            done = subprocess.run(
                [program, "-p"], capture_output=True, text=True, timeout=PATIENCE, check=False, env={}
            )
            yield from (
                line.partition(" => ")[2].strip() for line in done.stdout.splitlines() if " => " in line
            )
            return
