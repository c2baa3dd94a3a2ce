"""Canaries: pickles that leave a file behind when they are loaded, each by another way of doing so."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Does:
    """Something that calls a function when it is unpickled."""

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self.steps = function, args

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.steps


def canaries(place: str, known: str) -> dict[str, bytes]:
    """Make the canaries.

    Parameters
    ----------
    place : str
        The file that they leave behind; ``$NAMES`` of the environment are looked up where it is loaded.
    known : str
        A file that can be read there.

    Returns
    -------
    canaries : dict of str to bytes
        Pickles, by the function that they call.
    """
    there, here = (Does(os.path.expandvars, path) for path in (place, known))
    write = f"open(__import__('os').path.expandvars({place!r}), 'w').close()"
    calls = {
        "os.system": Does(os.system, f"touch {place}"),
        "Path.touch": Does(Path.touch, Does(Path, there)),
        "exec": Does(exec, write),
        "eval": Does(eval, write),
        "open": Does(open, there, "w"),
        "Popen": Does(subprocess.Popen, ["touch", there]),
        "copyfile": Does(shutil.copyfile, here, there),
    }
    return {name: pickle.dumps(call) for name, call in calls.items()}
