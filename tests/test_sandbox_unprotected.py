from __future__ import annotations

import pytest

from sandbox_samples import BRIEF, Bench, loose
from unfit.sandbox import FaultKind, Limits, Unprotected
from unfit.wire import Double, Folder


@pytest.fixture(name="bench")
def loose_fixture() -> Bench:
    return loose()


def test_it_says_that_it_protects_nothing() -> None:
    assert (Unprotected().protected, Unprotected().check()) == (False, [])


def test_calls_folders_and_doubles_work_as_in_a_sandbox(bench: Bench) -> None:
    class Store:
        def get(self, key: str) -> str:
            return key.upper()

    folder = Folder()
    source = "def f(p, s):\n  open(p + '/x', 'w').write(s.get('a'))\n  return 1"
    assert bench.value(source, folder, Double(Store(), ("get",))) == 1
    assert folder.files == {"x": b"A"}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def f():\n  while True: pass", FaultKind.CPU),
        ("import time\ndef f(): time.sleep(60)", FaultKind.WALL),
        (
            "import os, time\ndef f():\n  for _ in range(9):\n    if os.fork() == 0: time.sleep(60)\n  time.sleep(60)",
            FaultKind.PROCESSES,
        ),
    ],
)
def test_limits_hold(bench: Bench, source: str, kind: FaultKind) -> None:
    limits = BRIEF if kind is FaultKind.WALL else Limits(cpu=1, wall=60, processes=5)
    fault = bench.call(source, limits=limits).fault
    assert fault is not None
    assert fault.kind is kind


def test_daemons_do_not_survive(bench: Bench) -> None:
    source = """
        import os, time
        def f():
            read, write = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.write(write, str(os.getpid()).encode())
                    time.sleep(600)
                os._exit(0)
            return int(os.read(read, 20))
    """
    daemon = bench.value(source)
    assert bench.value("import os\ndef f(pid): return os.path.exists(f'/proc/{pid}')", daemon) is False


def test_the_scratch_folder_is_wiped(bench: Bench) -> None:
    source = "import os, tempfile\ndef f():\n  tempfile.mkdtemp()\n  return sorted(os.listdir(tempfile.gettempdir()))"
    assert len(bench.value(source)) == len(bench.value(source))
