"""Notebooks that cheat are run again from their sources, in the sandbox, by the sandbox's own kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from attacks.arena import Arena, Ending
from unfit.sandbox import Limits, Notebook

pytestmark = pytest.mark.sandbox

PASSED = {"output_type": "stream", "name": "stdout", "text": "PASSED"}
MIB = 1024 * 1024


def book(source: str, *, outputs: Any = (), **metadata: Any) -> bytes:
    """Write a notebook of one cell."""
    cell = {"cell_type": "code", "id": "a", "source": source, "metadata": {}, "execution_count": 1}
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": metadata,
        "cells": [cell | {"outputs": outputs}],
    }
    return json.dumps(content).encode()


KERNEL = {"name": "evil", "display_name": "e", "language": "sh", "argv": ["touch", "/tmp/owned"]}
BOOKS: dict[str, tuple[str, bytes, str, str]] = {
    "kernel of its own": ("escaping", book("x = 1", kernelspec=KERNEL), "answer", ""),
    "outputs baked beforehand": ("forging", book("x = 1", outputs=[PASSED]), "answer", ""),
    "outputs without measure": (
        "exhausting",
        book("x = 1", outputs=[PASSED | {"text": "x" * 33 * MIB}]),
        "value",
        "clear its",
    ),
    "shell command that never ends": (
        "exhausting",
        book("import sys\n!{sys.executable} -c 'import time; time.sleep(3600)'"),
        "wall",
        "within",
    ),
    "endless cell": ("exhausting", book("while True: pass"), "cpu", "processor"),
    "flood of displays": ("exhausting", book("print('x' * 50_000_000)"), "answer", ""),
    "exit": ("forging", book("import os; os._exit(0)"), "died", "exit status 0"),
    "patched shell": ("forging", book("get_ipython().run_cell = lambda *a, **k: None"), "answer", ""),
    "not a notebook": ("confusing", b'{"nbformat": 4, "cells": 5}', "value", "no list of cells"),
    "format of long ago": ("confusing", b'{"nbformat": 3, "worksheets": []}', "value", "format 3"),
    "nested without end": (
        "confusing",
        b'{"nbformat": 4, "cells": ' + b"[" * 100_000,
        "value",
        "cannot be read",
    ),
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_notebook_is_contained(
    name: str, arena: Arena, record_property: Callable[[str, object], None]
) -> None:
    kind, content, how, says = BOOKS[name]
    record_property("attack", kind)
    limits = Limits(cpu=2 if how == "cpu" else 30, wall=4 if how == "wall" else 60)
    session, reply = arena.worker.notebook(Notebook("n/x.ipynb", files={"n/x.ipynb": content}, limits=limits))
    session.close()
    assert (reply.fault.kind.value if reply.fault else "answer") == how, reply.fault
    assert says in (reply.fault.message if reply.fault else "")
    assert "PASSED" not in reply.stdout
    arena.aftermath(Ending(how, says, reply))
