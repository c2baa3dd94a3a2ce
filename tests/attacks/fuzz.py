"""Fuzz one door, led by coverage: ``python fuzz.py DOOR [libFuzzer's options] CORPUS``."""

from __future__ import annotations

import importlib
import sys
from typing import Any

atheris: Any = importlib.import_module("atheris")  # nobody has to have it

with atheris.instrument_imports(
    include=["unfit.wire", "unfit.submission", "unfit.review", "tarfile", "zipfile"]
):
    from attacks.doors import DOORS


def main() -> None:
    """Throw bytes at a door until the time is up, or something breaks."""
    door = DOORS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, door)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
