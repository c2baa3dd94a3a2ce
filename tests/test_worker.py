from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from unfit.worker import code_cells, imports, notebooks, own_code, processes, scratch
from unfit.worker.code_cells import marked
from unfit.worker.faults import CellFailed, Unreadable, clipped, fault, fault_of, told


def test_a_written_folder_is_read_back_without_links(tmp_path: Path) -> None:
    (tmp_path / "out/sub").mkdir(parents=True)
    (tmp_path / "out/sub/a").write_bytes(b"x")
    (tmp_path / "out/link").symlink_to("/etc/passwd")
    assert scratch.capture(str(tmp_path), "out", most=10) == {"sub/a": b"x"}


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert scratch.capture(str(tmp_path), "gone", most=10) == {}


def test_more_bytes_than_asked_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a").write_bytes(b"x" * 11)
    with pytest.raises(scratch.TooMuch):
        scratch.capture(str(tmp_path), "out", most=10)


def test_wiping_goes_to_any_depth_and_follows_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    with contextlib.chdir(root):
        for _ in range(2000):
            Path("d").mkdir()
            os.chdir("d")
        os.mkfifo("pipe")
        Path().chmod(0)
    scratch.wipe(str(root))
    assert (list(root.iterdir()), [path.name for path in outside.iterdir()]) == ([], ["kept"])


FAMILY = """
import json, os, time
from unfit.worker import processes

read, write = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.write(write, b"x")
    time.sleep(60)
    os._exit(0)
os.read(read, 1)
found = processes.descendants(namespace=False)
weight = processes.weigh(found)
for pid in found:
    os.kill(pid, 9)
tally = processes.Tally()
while processes.reap(tally):
    time.sleep(0.01)
print(json.dumps([len(found), weight.count, weight.resident, list(tally.statuses.values())]))
"""


def test_descendants_are_found_and_ended() -> None:
    run = subprocess.run(
        [sys.executable, "-c", FAMILY], capture_output=True, text=True, timeout=60, check=True
    )
    found, count, resident, statuses = json.loads(run.stdout)
    assert (found, count, statuses) == (2, 2, [9])
    assert resident > 0


def test_gone_processes_weigh_nothing() -> None:
    assert processes.weigh([2**22 + 1]) == processes.Weight()


def test_offered_modules_are_packages_their_needs_and_pythons_own() -> None:
    modules = imports.offered(["pandas"])
    assert {"pandas", "numpy", "dateutil", "json"} <= modules
    assert not {"sklearn", "polars"} & modules


def test_a_submissions_own_modules_are_those_that_lie_in_its_folders(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "module.py").write_text("")
    (tmp_path / "README.md").write_text("")
    assert own_code.modules_in([str(tmp_path), str(tmp_path / "gone")]) == {"package", "module"}


def test_cells_are_named_by_id_or_place() -> None:
    cells = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
        {"cell_type": "code", "id": "split", "source": "c = 3", "outputs": "anything"},
    ]
    found = code_cells.cells_of({"nbformat": 4, "cells": cells}, "x.ipynb")
    assert found == [code_cells.Cell("2", "a = 1\nb = 2"), code_cells.Cell("split", "c = 3")]


@pytest.mark.parametrize("document", [None, 5, {}, {"nbformat": "4"}, {"nbformat": 4, "cells": [5]}])
def test_documents_that_are_no_notebooks_are_refused(document: Any) -> None:
    with pytest.raises(Unreadable):
        code_cells.cells_of(document, "x.ipynb")


def test_a_notebook_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"nbformat": 4, "cells": []}).encode())
    assert code_cells.read(str(path), "x.ipynb") == []


def test_files_are_laid_over_a_writable_copy(tmp_path: Path) -> None:
    (tmp_path / "tree/data").mkdir(parents=True)
    (tmp_path / "tree/data/a").write_text("old")
    (tmp_path / "tree/data").chmod(0o555)
    root = notebooks.lay_out(
        str(tmp_path / "tree"), str(tmp_path / "copy"), {"data/a": b"new", "more/b": b"x"}
    )
    assert [Path(root, name).read_bytes() for name in ("data/a", "more/b")] == [b"new", b"x"]
    assert (tmp_path / "tree/data/a").read_text() == "old"


def test_a_cells_line_is_marked() -> None:
    assert marked("a = 1\n1 / 0", 2, "oops") == "    1 a = 1\n>   2 1 / 0\n\noops"


def test_texts_of_faults_are_bounded_and_whole() -> None:
    record = fault("raised", "x" * 100_000 + "\ud800", detail="y")
    assert len(record["message"]) < 3000
    assert clipped("\ud800", 10) == "?"


def test_an_error_is_told_with_its_type() -> None:
    assert [told(KeyError("x")), told(json.JSONDecodeError("bad", "", 0)), told(ValueError())] == [
        "KeyError: 'x'",
        "json.decoder.JSONDecodeError: bad: line 1 column 1 (char 0)",
        "ValueError",
    ]


class Inside:
    """Code whose files all lie in one folder."""

    modules = frozenset({"mine"})

    def __init__(self, root: str) -> None:
        self.root = root

    def inside(self, path: str) -> bool:
        return path.startswith(self.root)

    def label(self, path: str) -> str:
        return path.removeprefix(self.root + "/")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "memory"),
        (ModuleNotFoundError("x", name="torch.nn"), "import"),
        (ModuleNotFoundError("x", name="mine.gone"), "raised"),
        (ImportError("x"), "raised"),
        (SystemExit(3), "died"),
        (SyntaxError("bad", ("/elsewhere/x.py", 1, 1, "x")), "raised"),
        (SyntaxError("bad", ("/tree/x.py", 3, 1, "x =")), "syntax"),
        (CellFailed("cause", where="cell", detail=""), "cell"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_errors_have_their_kinds(error: BaseException, kind: str) -> None:
    assert fault_of(error, Inside("/tree"))["kind"] == kind  # type: ignore[arg-type]  # as much of it as is needed


def test_a_syntax_error_is_placed(tmp_path: Path) -> None:
    record = fault_of(SyntaxError("bad", ("/tree/src/x.py", 3, 1, "x =")), Inside("/tree"))  # type: ignore[arg-type]  # the same
    assert record["where"] == "src/x.py:3"


def test_a_chain_of_errors_shows_what_lies_behind(tmp_path: Path) -> None:
    place = tmp_path / "mine.py"
    place.write_text(
        "def f():\n    try:\n        {}['a']\n    except KeyError as e:\n        raise ValueError('b') from e\n"
    )
    space: dict[str, Any] = {}
    exec(compile(place.read_text(), str(place), "exec"), space)
    with pytest.raises(ValueError, match="b") as caught:
        space["f"]()
    record = fault_of(caught.value, Inside(str(tmp_path)))  # type: ignore[arg-type]  # the same
    assert record["where"] == "mine.py:5 in f"
    assert record["detail"].splitlines()[-2:] == ["ValueError: b", "  from KeyError: 'a' at mine.py:3"]


def test_the_worker_needs_nothing_of_the_kit_but_wire_and_errors() -> None:
    import subprocess

    code = (
        "import sys, unfit.worker.fork, unfit.worker.decoder, unfit.worker.zygote; "
        "print(sorted({'.'.join(m.split('.')[:2]) for m in sys.modules if m.startswith('unfit')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "['unfit', 'unfit.errors', 'unfit.wire', 'unfit.worker']"


BESIDE = """
import os, sys
from unfit.worker import namespaces
middle = os.fork()
if middle == 0:
    if not namespaces.fork_beside():
        os.kill(os.getpid(), 9)
    os._exit(7)
ended = dict(os.wait() for _ in range(2))
print(ended.pop(middle) >> 8, *ended.values())
"""


def test_who_is_forked_beside_a_process_is_waited_for_by_its_parent() -> None:
    done = subprocess.run([sys.executable, "-c", BESIDE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["7", "9"]


MANY = """
import os, signal
from unfit.worker import namespaces
middle = os.fork()
if middle == 0:
    me = os.getpid()
    for _ in range(300):
        if not namespaces.fork_beside():
            os._exit(os.getpid() == me)
    os._exit(7)
kinds = set()
while True:
    try:
        pid, status = os.wait()
    except ChildProcessError:
        break
    kinds.add((pid == middle, status >> 8))
print(sorted(kinds))
"""


def test_a_process_knows_itself_from_its_fork_whatever_the_forks_number() -> None:
    done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[(False, 0), (True, 7)]"


def test_what_keeps_a_call_loads_no_library_of_the_exercises() -> None:
    source = """
import sys, unfit.wire, unfit.worker.porter
unfit.wire.decode(unfit.wire.encode({"files": {"a": b"x"}, "cpu": 1.5}))
print(*{"numpy", "pandas", "pyarrow"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
