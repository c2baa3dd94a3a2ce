"""Attacks: each ends with a named cause, harms nothing outside, and the next call runs as if nothing had happened."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import Any

import pytest

from sandbox_samples import BRIEF, QUICK, Bench, bench_fixture
from unfit.sandbox import Call, FaultKind, Limits
from unfit.wire import Double, Folder

pytestmark = pytest.mark.sandbox
__all__ = ["bench_fixture"]

RAW = """
    import json, os, struct
    def frame(kind, body, length=None):
        return kind + struct.pack(">Q", len(body) if length is None else length) + body
    def head(node, blobs=()):
        text = json.dumps({"v": node, "b": list(blobs)}).encode()
        return struct.pack(">I", len(text)) + text
    def send(data):
        while data:
            data = data[os.write(3, data):]
"""


def raw(lines: str) -> str:
    """Return a module that writes to the bridge with its own hands."""
    return textwrap.dedent(RAW) + "def f(*args):\n" + textwrap.indent(textwrap.dedent(lines), "    ")


def ending(bench: Bench, source: str, *args: Any, limits: Limits = QUICK, **options: Any) -> FaultKind | None:
    fault = bench.call(source, *args, limits=limits, **options).fault
    return fault.kind if fault else None


# Forging


@pytest.mark.parametrize(
    "lines",
    [
        "send(frame(b'R', b'', 2**63)); import time; time.sleep(9)",
        "send(frame(b'Z', b'x'))\nimport time; time.sleep(9)",
        "send(frame(b'R', b'garbage'))",
        "send(frame(b'R', head(7)))",
        "send(frame(b'R', head({'d': [['value', 'fault'], [1, 2]]})))",
        "send(frame(b'R', head({'d': [['fault'], [{'d': [['kind'], ['passed']]}]]})))",
        "send(frame(b'R', head({'d': [['fault'], [{'d': [['kind', 'message'], ['cpu', 'x']]}]]})))",
        "send(frame(b'R', struct.pack('>I', 200005) + b'[' * 200005))",
        "send(frame(b'R', struct.pack('>I', 1000000) + b'9' * 1000000))",
        "send(frame(b'D', head({'d': [['id'], [1]]})))\nimport time; time.sleep(9)",
        "send(frame(b'D', b'garbage'))\nimport time; time.sleep(9)",
    ],
    ids=[
        "length",
        "kind",
        "garbage",
        "number",
        "both",
        "unknown fault",
        "grader's fault",
        "nesting",
        "digits",
        "question",
        "call",
    ],
)
def test_frames_that_are_none_break_the_protocol(bench: Bench, lines: str) -> None:
    assert ending(bench, raw(lines)) is FaultKind.PROTOCOL


def test_a_frame_that_never_ends_is_late(bench: Bench) -> None:
    assert (
        ending(bench, raw("send(frame(b'R', b'', 1000))\nimport time; time.sleep(60)"), limits=BRIEF)
        is FaultKind.WALL
    )


def test_a_double_that_was_not_given_cannot_be_called(bench: Bench) -> None:
    question = (
        "{'d': [['id', 'double', 'method', 'args', 'kwargs'], [1, 0, '__class__', [], {'d': [[], []]}]]}"
    )
    source = raw(f"send(frame(b'D', head({question})))\nimport time; time.sleep(9)")
    assert ending(bench, source) is FaultKind.PROTOCOL
    assert ending(bench, source, Double(object(), ("get",))) is FaultKind.PROTOCOL


def test_patched_builtins_and_libraries_stay_in_their_process(bench: Bench) -> None:
    bench.call(
        "import builtins, json, sklearn.metrics as m\nbuiltins.len = m.roc_auc_score = lambda *_: 1\ndef f(): return 1"
    )
    assert (
        bench.value(
            "from sklearn.metrics import roc_auc_score\ndef f(): return roc_auc_score([0, 1], [1, 0])"
        )
        == 0.0
    )


HOSTILE = """
    class Evil:
        def __eq__(self, other): return True
        def __hash__(self): return 1
        def __getattr__(self, name): raise SystemExit
        def __array__(self, *a): raise SystemExit
        def __str__(self): raise SystemExit
        __repr__ = __iter__ = __len__ = __str__
        @property
        def __class__(self): return float
"""


@pytest.mark.parametrize("value", ["Evil()", "[Evil()]", "{'a': Evil()}", "{Evil(): 1}", "Evil"])
def test_hostile_objects_are_values_that_cannot_be_read(bench: Bench, value: str) -> None:
    assert ending(bench, textwrap.dedent(HOSTILE) + f"def f(): return {value}") in {
        FaultKind.VALUE,
        FaultKind.DIED,
    }


@pytest.mark.parametrize(
    "value",
    [
        "pd.DataFrame({'a': [object()]})",
        "np.array([object()])",
        "np.zeros(2, dtype=[('a', 'i4')])",
        "{1, object()}",
    ],
)
def test_objects_in_tables_and_arrays_are_refused(bench: Bench, value: str) -> None:
    assert ending(bench, f"import numpy as np, pandas as pd\ndef f(): return {value}") is FaultKind.VALUE


def test_a_python_started_by_a_submission_reads_none_of_its_startup_files_for_us(bench: Bench) -> None:
    source = (
        "import os, pathlib\ndef f():\n  pathlib.Path(os.environ['HOME'], 'x').write_text('')\n  return 1"
    )
    assert bench.value(source) == 1
    assert bench.value("import os\ndef f(): return os.listdir(os.environ['HOME'])") == []


# Escaping


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("for i in range(10_001): open(f'{p}/{i}', 'w')", "more than 10,000 files"),
        ("for i in range(5): open(f'{p}/{i}', 'wb').write(bytes(1000))", "more bytes"),
        ("for i in range(40): p += '/d'; os.mkdir(p)", "deep"),
        ("open(os.fsencode(p) + b'/\\xff', 'w')", "no text"),
    ],
    ids=["files", "bytes", "depth", "name"],
)
def test_a_folder_that_is_too_much_is_a_fault(bench: Bench, lines: str, message: str) -> None:
    fault = bench.call(f"import os\ndef f(p):\n  {lines}", Folder(), limits=Limits(reply=4000)).fault
    assert fault is not None
    assert (fault.kind, message in fault.message) == (FaultKind.VALUE, True)


def test_nothing_stays_for_the_next_call(bench: Bench) -> None:
    source = """
        import os, time
        def f():
            os.chdir("/tmp")
            for _ in range(3000):
                os.mkdir("d")
                os.chdir("d")
            os.chmod(".", 0)
            os.mkdir("/dev/shm/x", 0o000)
            open("/tmp/.hidden", "w")
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: time.sleep(600)
                os._exit(0)
            return 1
    """
    assert bench.value(source) == 1
    look = "import os\ndef f(): return [os.listdir(p) for p in ('/tmp', '/dev/shm', '/proc')]"
    temporary, shared, processes = bench.value(look)
    mounts = {os.path.realpath(prefix).split("/")[2] for prefix in (sys.prefix, sys.base_prefix)}
    assert set(temporary) - mounts == {"home", "folders"}
    assert (shared, len([name for name in processes if name.isdigit()])) == ([], 1)


def test_links_in_a_submission_lead_nowhere_outside(bench: Bench) -> None:
    place = bench.tree / "passwords"
    place.symlink_to("/etc/shadow")
    try:
        fault = bench.call("def f(): return open('/submission/passwords').read()").fault
    finally:
        place.unlink()
    assert fault is not None
    assert "FileNotFoundError" in fault.message


# Exhausting


@pytest.mark.parametrize(
    "lines",
    [
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "[signal.signal(s, signal.SIG_IGN) for s in (2, 15, 24)]\nwhile True: pass",
        "import threading as t\nfor _ in range(4): t.Thread(target=max, args=[iter(int, 1)]).start()\nsignal.pause()",
        "os.fork()\nwhile True: pass",
    ],
    ids=["ignored", "all ignored", "threads", "two processes"],
)
def test_endless_loops_end_at_the_processor_limit(bench: Bench, lines: str) -> None:
    source = "import os, signal\ndef f():\n" + textwrap.indent(lines, "  ")
    assert ending(bench, source, limits=Limits(cpu=1, wall=60)) is FaultKind.CPU


@pytest.mark.parametrize(
    "lines",
    ["os.kill(os.getpid(), signal.SIGSTOP)", "signal.pause()", "os.close(1); os.close(2); signal.pause()"],
)
def test_standing_still_ends_at_the_deadline(bench: Bench, lines: str) -> None:
    assert ending(bench, f"import os, signal\ndef f():\n  {lines}", limits=BRIEF) is FaultKind.WALL


@pytest.mark.parametrize(
    "lines",
    [
        "x = [b'x' * 2**20 for _ in range(300)]; time.sleep(60)",
        "[os.fork() for _ in range(3)]; x = [b'x' * 2**20 for _ in range(60)]; time.sleep(60)",
    ],
    ids=["one process", "several"],
)
def test_memory_is_watched_over_all_processes(bench: Bench, lines: str) -> None:
    limits = Limits(resident=256 * 2**20, wall=60)
    assert ending(bench, f"import os, time\ndef f():\n  {lines}", limits=limits) is FaultKind.MEMORY


def test_forks_that_share_their_memory_are_not_counted_twice(bench: Bench) -> None:
    source = """
        import os, time
        def f():
            for _ in range(12):
                if os.fork() == 0: time.sleep(9)
            time.sleep(0.5)
            return 1
    """
    assert bench.value(source, limits=Limits(resident=512 * 2**20)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "open('/tmp/x', 'wb').write(bytes(70 * 2**20))",
        "[open(f'/tmp/{i}', 'wb').write(bytes(50 * 2**20)) for i in range(9)]",
        "[open(f'/dev/shm/{i}', 'wb').write(bytes(50 * 2**20)) for i in range(9)]",
        "os.memfd_create('x')",
        "open('/x', 'w')",
        "open('/dev/x', 'w')",
    ],
)
def test_files_and_memory_beside_the_limits_are_refused(bench: Bench, line: str) -> None:
    assert ending(bench, f"import os\ndef f():\n  {line}") is FaultKind.RAISED


def test_mutated_arrow_streams_never_reach_the_grader(bench: Bench) -> None:
    source = raw("""
        import random, pyarrow as pa
        table = pa.table({"0": pa.array(["a", "bb", None]), "1": pa.array([1, 2, 3])})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as w: w.write_table(table)
        data = bytearray(sink.getvalue().to_pybytes())
        for _ in range(4): data[random.randrange(len(data))] = random.randrange(256)
        t = [3, [["a", "str"], ["a", "int64"]], [["a", "b"], 1, [None]], [[None], [0, 3, 1]], 0]
        send(frame(b"R", head({"d": [["value"], [{"t": t}]]}, [len(data)]) + bytes(data)))
    """)
    entry = f"{bench.module(source)}:f"
    endings = {getattr(bench.worker.call(Call(entry, seed=seed)).fault, "kind", None) for seed in range(12)}
    assert endings <= {None, FaultKind.PROTOCOL, FaultKind.VALUE}


# Confusing


def test_text_crosses_as_it_is(bench: Bench) -> None:
    text = "<script>\x1b[31m\u202eö\0\r\n"
    assert bench.value("def f(x): return x", text) == text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xef\xbb\xbfdef f(): return 1\r\n", None),
        (b"def f(): return 1 \x00", FaultKind.SYNTAX),
        (b"x = '\xff'\ndef f(): return 1", FaultKind.SYNTAX),
        (b"# coding: latin-1\ndef f(): return '\xe9'", None),
        (b"def f():\n\treturn 1\n        return 2", FaultKind.SYNTAX),
        (b"", FaultKind.MISSING),
    ],
    ids=["BOM", "NUL", "not UTF-8", "latin-1", "tabs", "empty"],
)
def test_odd_source_files_are_python_or_a_syntax_fault(
    bench: Bench, content: bytes, kind: FaultKind | None
) -> None:
    name = bench.module("")
    (bench.tree / "src" / f"{name}.py").write_bytes(content)
    fault = bench.worker.call(Call(f"{name}:f")).fault
    assert (fault.kind if fault else None) is kind


def test_mutated_inputs_and_reseeded_generators_stay_in_their_process(bench: Bench) -> None:
    rows = [1, 2, 3]
    bench.value("import random\ndef f(x):\n  x.clear(); random.seed(0); return 1", rows)
    assert rows == [1, 2, 3]
