"""Canaries: files that leave another file behind when they are loaded, each by another way of doing so."""

from __future__ import annotations

import cProfile
import hashlib
import os
import pickle
import profile
import shutil
import subprocess
import timeit
from collections.abc import Callable, Mapping
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
        Pickles, by the function that they call, and two texts: an expression of Python, which needs no names, and
        YAML.
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
    classes = "().__class__.__base__.__subclasses__()"
    names = f"[one for one in {classes} if one.__name__ == '_wrap_close'][0].__init__.__globals__"
    opened = f"(lambda os: os['open'](os['path'].expandvars({place!r}), {os.O_CREAT | os.O_WRONLY}))({names})"
    return {name: pickle.dumps(call) for name, call in calls.items()} | {
        "an expression": opened.encode(),
        "YAML": f'!!python/object/apply:builtins.exec ["{write}"]\n'.encode(),
    }


def killers() -> dict[str, bytes]:
    """Make pickles that end the process which loads them, by the function that they call.

    Such an end is seen from outside, whatever the process has done to its environment and its folders.
    """
    end = "__import__('os')._exit(81)"
    calls = {
        "os._exit": Does(os._exit, 81),  # noqa: SLF001 - the function ends a process at once
        "os.kill": Does(os.kill, Does(os.getpid), 9),
        "cProfile.run": Does(cProfile.run, end),
        "profile.run": Does(profile.run, end),
        "timeit": Does(timeit.timeit, end, "pass", timeit.default_timer, 1),
    }
    return {name: pickle.dumps(call) for name, call in calls.items()}


def put_in_place(files: Mapping[str, bytes], name: str, content: bytes) -> dict[str, bytes]:
    """Put something in the place of a file, and rewrite its checksum wherever it stands beside it.

    Parameters
    ----------
    files : mapping of str to bytes
        A folder.
    name : str
        The file.
    content : bytes
        What comes in its place.

    Returns
    -------
    files : dict of str to bytes
        The folder as somebody leaves it who can write into it.
    """
    sums = {
        hashlib.new(kind, files[name]).hexdigest().encode(): hashlib.new(kind, content).hexdigest().encode()
        for kind in ("md5", "sha1", "sha256", "sha384", "sha512", "blake2b", "sha3_256")
    }
    forged = dict(files)
    for was, now in sums.items():
        forged = {one: told.replace(was, now) for one, told in forged.items()}
    return forged | {name: content}
