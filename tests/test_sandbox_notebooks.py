from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from sandbox_samples import Bench, bench_fixture
from unfit.sandbox import Call, FaultKind, Limits

pytestmark = pytest.mark.sandbox
__all__ = ["bench_fixture"]

LIMITS = Limits(cpu=60, wall=120)
EVERYTHING = (
    "import pandas as pd, numpy as np, random",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
    "from IPython.display import Markdown\nrows = pd.read_csv('../data/a.csv')\ndisplay(rows, Markdown('x'))\nrows",
    "listed = !echo one two\n!echo shown",
    "import asyncio\nawait asyncio.sleep(0)\ndrawn = [random.random(), np.random.rand()]",
    "%%capture\nprint('hidden')",
    "def double(x, *, plus=0):\n    return {'x': 2 * x + plus, 'rows': len(rows)}",
)


def book(*cells: str, **metadata: Any) -> str:
    """Write a notebook with these code cells, named a, b, c ..."""
    names = "abcdefghij"
    content = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell, id=names[n]) for n, cell in enumerate(cells)],
        metadata=metadata,
    )
    return str(nbformat.writes(content))


@pytest.mark.parametrize("kernel", [False, True], ids=["shell", "kernel"])
def test_a_notebook_runs_as_jupyter_runs_it(bench: Bench, kernel: bool) -> None:
    session, reply = bench.notebook(
        book(*EVERYTHING), files={"data/a.csv": b"q\n1\n2\n"}, kernel=kernel, limits=LIMITS, seed=5
    )
    with session:
        assert reply.fault is None, reply
        assert "shown" in reply.stdout
        assert "hidden" not in reply.stdout
        assert session.value("rows").value["q"].tolist() == [1, 2]
        assert session.value("listed").value == ["one two"]
        assert session.call(Call("double", (3,), {"plus": 1})).value == {"x": 7, "rows": 2}


def test_shell_and_kernel_give_equal_values(bench: Bench) -> None:
    drawn = []
    for kernel in (False, True):
        session, reply = bench.notebook(
            book(*EVERYTHING[:1], *EVERYTHING[4:5]), kernel=kernel, limits=LIMITS, seed=11
        )
        with session:
            assert reply.fault is None, reply
            drawn.append(session.value("drawn").value)
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("kernel", [False, True], ids=["shell", "kernel"])
def test_a_cell_that_raises_is_named_and_shown(bench: Bench, kernel: bool) -> None:
    session, reply = bench.notebook(
        book("a = 1", "print('so far')\nb = 2\n1 / 0"), kernel=kernel, limits=LIMITS
    )
    session.close()
    assert reply.fault is not None
    assert (reply.fault.kind, reply.fault.message) == (FaultKind.CELL, "ZeroDivisionError: division by zero")
    assert reply.fault.where == "notebooks/x.ipynb cell `b` line 3"
    assert ">   3 1 / 0" in reply.fault.detail
    assert reply.stdout == "so far\n"


@pytest.mark.parametrize(
    ("cell", "kind", "message"),
    [
        ("b =", FaultKind.CELL, "SyntaxError: invalid syntax"),
        ("import polars", FaultKind.IMPORT, "needs polars"),
        ("%no_such_magic", FaultKind.CELL, "unknown magic: %no_such_magic"),
        ("import os; os._exit(4)", FaultKind.DIED, "exit status 4"),
        ("x = bytearray(2**40)", FaultKind.MEMORY, "MemoryError"),
    ],
    ids=["syntax", "import", "magic", "death", "memory"],
)
def test_a_cells_fault_names_its_cause(bench: Bench, cell: str, kind: FaultKind, message: str) -> None:
    session, reply = bench.notebook(book("a = 1", cell))
    session.close()
    assert reply.fault is not None
    assert (reply.fault.kind, message in reply.fault.message) == (kind, True), reply.fault
    assert "cell `b`" in reply.fault.where


def test_an_endless_cell_is_named(bench: Bench) -> None:
    session, reply = bench.notebook(book("a = 1", "while True: pass"), limits=Limits(cpu=2, wall=60))
    session.close()
    assert reply.fault is not None
    assert (reply.fault.kind, reply.fault.where) == (FaultKind.CPU, "notebooks/x.ipynb cell `b`")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a notebook"),
        ('{"nbformat": 3, "worksheets": []}', "format 3: save it in format 4"),
        ('{"nbformat": 4, "cells": 5}', "no list of cells"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": 5}]}', "no source text"),
        ('{"nbformat": 4, "cells": ' + "[" * 100_000, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (" " * (33 * 2**20), "clear its outputs"),
    ],
    ids=["json", "other", "old", "cells", "source", "nesting", "bytes", "size"],
)
def test_a_file_that_is_no_notebook_is_refused_in_words(
    bench: Bench, content: str | bytes, message: str
) -> None:
    session, reply = bench.notebook(content)
    session.close()
    assert reply.fault is not None
    assert (reply.fault.kind, message in reply.fault.message) == (FaultKind.VALUE, True), reply.fault


def test_kernel_name_and_outputs_of_a_notebook_are_ignored(bench: Bench) -> None:
    content = json.loads(book("x = 1", kernelspec={"name": "evil", "display_name": "e", "language": "perl"}))
    content["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "PASSED"}]
    session, reply = bench.notebook(json.dumps(content))
    with session:
        assert (reply.fault, reply.stdout, session.value("x").value) == (None, "", 1)


def test_a_notebook_imports_and_overwrites_its_own_copy_of_the_project(bench: Bench) -> None:
    name = bench.module("def g(): return 'original'")
    cells = (f"from {name} import g\nsaid = g()", f"open('../src/{name}.py', 'w').write('broken')")
    session, reply = bench.notebook(book(*cells))
    with session:
        assert (reply.fault, session.value("said").value) == (None, "original")
    assert bench.worker.call(Call(f"{name}:g")).value == "original"


def test_given_files_replace_the_submissions(bench: Bench) -> None:
    name = bench.module("def g(): return 'original'")
    files = {f"src/{name}.py": b"def g(): return 'given'"}
    session, _ = bench.notebook(book(f"from {name} import g\nsaid = g()"), files=files)
    with session:
        assert session.value("said").value == "given"


def test_cells_with_one_id_are_told_apart_by_their_place(bench: Bench) -> None:
    doubled = book("a = 1", "1 / 0").replace('"id": "b"', '"id": "a"')
    session, reply = bench.notebook(doubled, limits=LIMITS)
    session.close()
    assert reply.fault is not None
    assert reply.fault.where == "notebooks/x.ipynb cell `2` line 1"


@pytest.mark.parametrize("kernel", [False, True], ids=["shell", "kernel"])
@pytest.mark.parametrize("ending", ["exit()", "quit()", "exit", "import sys; sys.exit()"])
def test_a_notebook_may_end_itself(bench: Bench, ending: str, kernel: bool) -> None:
    session, reply = bench.notebook(book("a = 1", ending, "a = 2"), kernel=kernel, limits=LIMITS)
    with session:
        assert reply.fault is None, reply
        assert session.value("a").value == 1


@pytest.mark.parametrize("kernel", [False, True], ids=["shell", "kernel"])
@pytest.mark.parametrize(
    ("cell", "magic"),
    [("%sql select 1", "%sql"), ("%%sql\nselect 1", "%%sql"), ("x = %sql select 1", "%sql")],
)
def test_a_magic_that_nobody_knows_is_named(bench: Bench, cell: str, magic: str, kernel: bool) -> None:
    session, reply = bench.notebook(book(cell), kernel=kernel, limits=LIMITS)
    session.close()
    assert reply.fault is not None
    assert reply.fault.message == f"unknown magic: {magic} (the exercise's environment does not offer it)"


def test_names_that_a_notebook_does_not_define_are_missing(bench: Bench) -> None:
    session, _ = bench.notebook(book("x = 1"))
    with session:
        faults = [session.value("y").fault, session.call(Call("y")).fault, session.call(Call("x")).fault]
    assert [fault and fault.kind for fault in faults] == [FaultKind.MISSING] * 3


def test_a_session_without_a_notebook_has_no_variables(bench: Bench) -> None:
    with bench.worker.session() as session:
        fault = session.value("x").fault
    assert fault is not None
    assert fault.kind is FaultKind.MISSING
