from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fake_sandbox import Fake
from unfit.sandbox import Call, Environment, FaultKind, Notebook, Worker
from unfit.wire import Double, Folder

MODULE = """
seen = 0
def count():
    global seen
    seen += 1
    return seen
def write(path):
    with open(path + "/x", "w") as file:
        file.write("y")
def ask(store):
    return store.get("a")
def fail():
    raise KeyError("k")
def odd():
    return [object()]
"""
BOOK = '{"cells": [{"cell_type": "code", "source": ["x = 1\\n", "def g(a): return a + x"]}]}'


@pytest.fixture(name="worker")
def fake_worker(tmp_path: Path) -> Worker:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/fake_module.py").write_text(MODULE)
    (tmp_path / "book.ipynb").write_text(BOOK)
    return Fake().open(tmp_path, Environment(Path(sys.executable), "test"))


def test_a_call_sees_fresh_modules_and_a_session_keeps_them(worker: Worker) -> None:
    call = Call("fake_module:count")
    with worker.session() as session:
        assert [session.call(call).value, session.call(call).value, worker.call(call).value] == [1, 2, 1]
    assert "fake_module" not in sys.modules


def test_folders_and_doubles_cross(worker: Worker) -> None:
    class Store:
        def get(self, key: str) -> str:
            return key * 2

    folder = Folder()
    worker.call(Call("fake_module:write", (folder,)))
    assert folder.files == {"x": b"y"}
    assert worker.call(Call("fake_module:ask", (Double(Store(), ("get",)),))).value == "aa"


@pytest.mark.parametrize(("entry", "kind"), [("fail", FaultKind.RAISED), ("odd", FaultKind.VALUE)])
def test_faults_have_their_kinds(worker: Worker, entry: str, kind: FaultKind) -> None:
    fault = worker.call(Call(f"fake_module:{entry}")).fault
    assert fault is not None
    assert fault.kind is kind


def test_a_notebook_runs(worker: Worker) -> None:
    session, reply = worker.notebook(Notebook("book.ipynb"))
    with session:
        assert (reply.fault, session.value("x").value, session.call(Call("g", (1,))).value) == (None, 1, 2)
