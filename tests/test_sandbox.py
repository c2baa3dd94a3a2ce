from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import unfit
from sandbox_samples import BRIEF, ENVIRONMENT, QUICK, Bench, bench_fixture
from unfit.errors import SandboxError, UsageError, WireError
from unfit.sandbox import Bubblewrap, Call, Environment, FaultKind, Limits, Unprotected, Worker, choose
from unfit.sandbox.bubblewrap import seen_inside
from unfit.sandbox.interpreter import interpreter, refuse_broad
from unfit.wire import Double, Folder

pytestmark = pytest.mark.sandbox
__all__ = ["bench_fixture"]

ADD = "def f(a, b=2): return a + b"
COUNTER = """
    seen = 0
    def f():
        global seen
        seen += 1
        return seen
"""


def test_backends_are_chosen_by_name() -> None:
    assert [choose(name).protected for name in ("bubblewrap", "unprotected")] == [True, False]
    with pytest.raises(UsageError, match="bubblewrap"):
        choose("docker")


def test_a_call_returns_what_the_entry_point_returns(bench: Bench) -> None:
    assert bench.value(ADD, 40) == 42


def test_a_table_goes_in_and_comes_out(bench: Bench) -> None:
    frame = pd.DataFrame(
        {"a": [1, 2], "when": pd.to_datetime(["2024-01-01", "2024-01-02"]), "s": ["x", None]}
    )
    pd.testing.assert_frame_equal(
        bench.value("def f(d): return d.assign(b=d.a * 2)", frame), frame.assign(b=[2, 4])
    )


def test_keywords_and_arrays_cross(bench: Bench) -> None:
    reply = bench.call("def f(x, *, k): return {'sum': (x * k).sum()}", np.arange(4), kwargs={"k": 2})
    assert reply.value == {"sum": 12}


def test_each_call_runs_in_a_process_of_its_own(bench: Bench) -> None:
    entry = f"{bench.module(COUNTER)}:f"
    assert [bench.worker.call(Call(entry)).value for _ in range(2)] == [1, 1]


def test_printed_text_comes_back_beside_the_value(bench: Bench) -> None:
    reply = bench.call("import sys\ndef f():\n  print('out'); print('err', file=sys.stderr); return 1")
    assert (reply.value, reply.stdout, reply.stderr) == (1, "out\n", "err\n")


def test_a_flood_of_output_is_cut_and_counted(bench: Bench) -> None:
    reply = bench.call("def f():\n  print('x' * 1_000_000)\n  return 1", limits=Limits(stream=1000))
    assert reply.value == 1
    assert reply.stdout == "x" * 1000 + "\n[999,001 more bytes were dropped]\n"


def test_usage_is_the_kernels_and_the_graders(bench: Bench) -> None:
    usage = bench.call("def f():\n  sum(range(20_000_000))").usage
    assert 0 < usage.cpu <= usage.wall * 2
    assert usage.resident > 10_000_000


def test_the_global_generators_are_seeded(bench: Bench) -> None:
    source = "import random\nimport numpy as np\ndef f(): return [random.random(), np.random.rand()]"
    first, again, other = (bench.value(source, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_the_hash_seed_is_the_callers_choice(bench: Bench) -> None:
    hashes = [bench.value("def f(): return hash('word')", hash_seed=seed) for seed in (0, 1, 0)]
    assert hashes[0] == hashes[2] != hashes[1]


def test_environment_variables_and_the_time_zone_take_effect(bench: Bench) -> None:
    source = "import os, time\ndef f(): return [os.environ['WORD'], time.localtime(0).tm_hour]"
    assert bench.value(source, environment={"WORD": "x", "TZ": "Asia/Tokyo"}) == ["x", 9]


def test_the_working_folder_is_the_submission_and_standard_input_is_empty(bench: Bench) -> None:
    assert bench.value("import os, sys\ndef f(): return [os.getcwd(), sys.stdin.read()]") == [
        "/submission",
        "",
    ]


def test_limits_and_threads_are_set(bench: Bench) -> None:
    source = """
        import os, resource as r
        def f(): return [os.environ["OMP_NUM_THREADS"], r.getrlimit(r.RLIMIT_CORE)[1], r.getrlimit(r.RLIMIT_NOFILE)[1]]
    """
    assert bench.value(source) == ["1", 0, 256]


def test_several_jobs_and_openmp_do_not_hang(bench: Bench) -> None:
    source = """
        import numpy as np
        from sklearn.cluster import KMeans
        from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
        from sklearn.model_selection import cross_val_score
        def f():
            x = np.random.rand(60, 3)
            y = (x[:, 0] > 0.5).astype(int)
            KMeans(2, n_init=1).fit(x)
            HistGradientBoostingClassifier(max_iter=2).fit(x, y)
            return len(cross_val_score(RandomForestClassifier(3, n_jobs=2), x, y, n_jobs=2))
    """
    assert bench.value(source, limits=Limits(cpu=20, wall=60)) == 5


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("def f():\n  return {}['x']", FaultKind.RAISED, "KeyError: 'x'"),
        (
            "def f():\n  import polars",
            FaultKind.IMPORT,
            "needs polars, which this exercise's environment does not offer",
        ),
        ("import nowhere_at_all\ndef f(): pass", FaultKind.IMPORT, "needs nowhere_at_all, which"),
        ("def f(:", FaultKind.SYNTAX, "SyntaxError: invalid syntax"),
        ("g = 1", FaultKind.MISSING, "`f` is not in `module_"),
        ("f = 1", FaultKind.MISSING, "is a int, not a function"),
        ("def f():\n  while True: pass", FaultKind.CPU, "more than 1 processor seconds"),
        ("import time\ndef f(): time.sleep(60)", FaultKind.WALL, "no answer within 2 seconds"),
        ("def f(): return bytearray(2**36)", FaultKind.MEMORY, "ran out of memory"),
        ("import os\ndef f(): os._exit(7)", FaultKind.DIED, "exit status 7"),
        ("import sys\ndef f(): sys.exit(0)", FaultKind.DIED, "ended itself by SystemExit: 0"),
        ("import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGSEGV)", FaultKind.DIED, "SIGSEGV"),
        (
            "def f(): return {'rows': [1, {'a': object()}]}",
            FaultKind.VALUE,
            "result['rows'][1]['a'] is a object",
        ),
        ("def f(): return 10 ** 5000", FaultKind.VALUE, "4300 digits"),
        ("def f(): return lambda: 1", FaultKind.VALUE, "is a function"),
    ],
    ids=lambda value: str(value) if isinstance(value, FaultKind) else "",
)
def test_a_fault_names_its_cause(bench: Bench, source: str, kind: FaultKind, message: str) -> None:
    limits = BRIEF if kind in {FaultKind.CPU, FaultKind.WALL} else QUICK
    if kind is FaultKind.CPU:
        limits = Limits(cpu=1.0, wall=60.0)
    fault = bench.call(source, limits=limits).fault
    assert fault is not None
    assert (fault.kind, message in fault.message) == (kind, True), fault


def test_an_error_is_placed_in_the_submissions_own_code(bench: Bench) -> None:
    fault = bench.call(
        "import numpy as np\ndef g(x):\n  return np.linalg.inv(x)\ndef f():\n  return g(np.zeros((2, 2)))"
    ).fault
    assert fault is not None
    assert fault.where.endswith(".py:3 in g")
    assert fault.detail.count("\n") == 4
    assert "/submission" not in fault.detail


def test_a_missing_module_is_missing_rather_than_an_import(bench: Bench) -> None:
    fault = bench.worker.call(Call("app.nothing:f")).fault
    assert fault is not None
    assert (fault.kind, fault.message) == (FaultKind.MISSING, "there is no module `app` in the submission")


def test_a_dependency_of_an_offered_package_may_be_imported(bench: Bench) -> None:
    assert bench.value("import dateutil, threadpoolctl\ndef f(): return 1") == 1


def test_an_optional_import_may_be_missing(bench: Bench) -> None:
    assert (
        bench.value("try:\n  import polars\nexcept ImportError:\n  polars = None\ndef f(): return polars")
        is None
    )


def test_an_empty_folder_is_written_and_then_only_read(bench: Bench) -> None:
    folder = Folder()
    bench.value(
        "import os\ndef f(p):\n  os.mkdir(p + '/sub')\n  open(p + '/sub/model', 'w').write('weights')", folder
    )
    assert folder.files == {"sub/model": b"weights"}
    assert bench.value("def f(p): return open(p + '/sub/model').read()", folder) == "weights"


def test_a_read_only_folder_is_not_read_back(bench: Bench) -> None:
    folder = Folder({"model": b"old"})
    bench.call(
        "import os\ndef f(p):\n  os.chmod(p, 0o755); os.remove(p + '/model'); open(p + '/model', 'w')", folder
    )
    assert folder.files == {"model": b"old"}


def test_a_writable_folder_with_files_is_read_back(bench: Bench) -> None:
    folder = Folder({"log": b"1"}, writable=True)
    bench.value("def f(p): open(p + '/log', 'a').write('2')", folder)
    assert folder.files == {"log": b"12"}


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("open(p + '/sub/log', 'w').write('2')", b"2"),
        ("open(p + '/new', 'w').write('2'); shutil.copy(p + '/new', p + '/sub/log')", b"2"),
        ("open(p + '/new', 'w').write('2'); os.replace(p + '/new', p + '/sub/log')", b"1"),
        ("os.remove(p + '/sub/log'); open(p + '/sub/log', 'w').write('2')", b"1"),
    ],
)
def test_a_reader_of_old_sees_what_was_written_in_place(bench: Bench, written: str, held: bytes) -> None:
    folder = Folder({"sub/log": b"1"}, writable=True)
    bench.value(f"import os, shutil\ndef f(p): {written}", folder)
    assert (folder.files["sub/log"], folder.held) == (b"2", {"sub/log": held})


def test_a_full_disk_stops_a_write_and_not_the_folders_of_the_call(bench: Bench) -> None:
    large, folder = Folder({"store": b"x" * 5000}), Folder()
    copy = "import shutil\ndef f(p, q): shutil.copy(p + '/store', q + '/copy')"
    fault = bench.call(copy, large, folder, limits=Limits(file_size=1000)).fault
    assert fault is not None
    assert ("File too large" in fault.message, len(folder.files["copy"])) == (True, 1000)


def test_what_a_failed_call_left_in_a_folder_is_seen(bench: Bench) -> None:
    folder = Folder()
    bench.call("def f(p):\n  open(p + '/half', 'w').write('x')\n  raise OSError", folder)
    assert folder.files == {"half": b"x"}


class Store:
    """A stand-in that counts, hangs and fails on demand."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.lock = threading.Lock()

    def get(self, key: str, default: Any = None) -> Any:
        with self.lock:
            self.calls.append(key)
        if key == "hang":
            time.sleep(30)
        if key == "down":
            raise TimeoutError("too slow")
        if key == "own":
            raise type("StoreDown", (ConnectionError,), {})("gone")
        return {"key": key, "default": default}

    def put(self, frame: pd.DataFrame) -> int:
        return len(frame)

    def secret(self) -> str:
        return "never"


def test_a_double_answers_in_the_grader(bench: Bench) -> None:
    store = Store()
    assert bench.value("def f(s): return s.get('a', default=[1])", Double(store, ("get",))) == {
        "key": "a",
        "default": [1],
    }
    assert store.calls == ["a"]


def test_a_double_takes_tables(bench: Bench) -> None:
    assert (
        bench.value(
            "import pandas as pd\ndef f(s): return s.put(pd.DataFrame({'a': [1, 2]}))",
            Double(Store(), ("put",)),
        )
        == 2
    )


@pytest.mark.parametrize(("key", "error"), [("down", "TimeoutError"), ("own", "ConnectionError")])
def test_a_doubles_errors_cross_by_name(bench: Bench, key: str, error: str) -> None:
    source = "def f(s, k):\n  try: s.get(k)\n  except Exception as e: return [type(e).__name__, str(e)]"
    assert bench.value(source, Double(Store(), ("get",)), key)[0] == error


class Outage:
    """A stand-in that raises one and the same error each time."""

    def __init__(self) -> None:
        self.error = TimeoutError("no answer within 2 s")

    def get(self) -> None:
        raise self.error


def test_an_error_that_a_double_raises_again_and_again_holds_nothing(bench: Bench) -> None:
    outage = Outage()
    source = """
        def f(s):
            for _ in range(20):
                try: s.get()
                except TimeoutError as e: said = str(e)
            return said
    """
    assert bench.value(source, Double(outage, ("get",))) == "no answer within 2 s"
    assert outage.error.__traceback__ is None


def test_a_double_that_hangs_holds_up_no_other(bench: Bench) -> None:
    source = """
        import threading
        def f(s):
            threading.Thread(target=s.get, args=("hang",), daemon=True).start()
            return [s.get(str(n))["key"] for n in range(3)]
    """
    assert bench.value(source, Double(Store(), ("get",))) == ["0", "1", "2"]


def test_many_threads_may_call_a_double_at_once(bench: Bench) -> None:
    source = """
        from concurrent.futures import ThreadPoolExecutor
        def f(s):
            with ThreadPoolExecutor(16) as pool:
                return [a["key"] for a in pool.map(s.get, map(str, range(100)))]
    """
    assert bench.value(source, Double(Store(), ("get",))) == [str(number) for number in range(100)]


class Desk:
    """A stand-in that notes which threads ask it."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()

    def sit(self) -> None:
        self.threads.add(threading.current_thread())


def test_one_thread_answers_what_is_asked_one_after_the_other_and_ends(bench: Bench) -> None:
    desk = Desk()
    bench.value("def f(d):\n    for _ in range(50): d.sit()", Double(desk, ("sit",)))
    for thread in desk.threads:
        thread.join(10)
    assert [thread.is_alive() for thread in desk.threads] == [False]


def test_only_the_listed_methods_of_a_double_are_reached(bench: Bench) -> None:
    fault = bench.call("def f(s): return s.secret()", Double(Store(), ("get",))).fault
    assert fault is not None
    assert "AttributeError" in fault.message


def test_a_double_that_always_hangs_ends_at_the_deadline(bench: Bench) -> None:
    fault = bench.call("def f(s): return s.get('hang')", Double(Store(), ("get",)), limits=BRIEF).fault
    assert fault is not None
    assert fault.kind is FaultKind.WALL


def test_a_session_keeps_its_state(bench: Bench) -> None:
    entry = Call(f"{bench.module(COUNTER)}:f")
    with bench.worker.session() as session:
        assert [session.call(entry).value for _ in range(3)] == [1, 2, 3]


def test_calls_run_beside_a_session(bench: Bench) -> None:
    entry = Call(f"{bench.module(COUNTER)}:f")
    with bench.worker.session() as session:
        assert [session.call(entry).value, bench.worker.call(entry).value, session.call(entry).value] == [
            1,
            1,
            2,
        ]


def test_a_session_survives_an_error_and_not_a_broken_limit(bench: Bench) -> None:
    good, bad, spin = (
        Call(f"{bench.module(source)}:f", limits=Limits(cpu=0.5, wall=60))
        for source in ("def f(): return 1", "def f(): raise ValueError", "def f():\n  while True: pass")
    )
    with bench.worker.session() as session:
        faults = [session.call(call).fault for call in (bad, good, spin, good)]
    assert [fault and fault.kind for fault in faults] == [
        FaultKind.RAISED,
        None,
        FaultKind.CPU,
        FaultKind.DIED,
    ]


def test_a_sessions_limits_bound_the_whole_of_it(bench: Bench) -> None:
    work = Call(f"{bench.module('import time' + chr(10) + 'def f(): time.sleep(0.4)')}:f")
    with bench.worker.session(limits=Limits(wall=1.0)) as session:
        faults = [session.call(work).fault for _ in range(4)]
    kinds = [fault and fault.kind for fault in faults]
    assert (kinds.count(FaultKind.WALL), kinds[-1]) == (1, FaultKind.DIED)


def test_a_sessions_folder_is_read_back_after_each_call(bench: Bench) -> None:
    folder = Folder()
    append = Call(
        f"{bench.module('def f(p): open(p + chr(47) + chr(97), chr(97)).write(chr(120))')}:f", (folder,)
    )
    with bench.worker.session() as session:
        seen = []
        for _ in range(2):
            assert session.call(append).fault is None
            seen.append(dict(folder.files))
    assert seen == [{"a": b"x"}, {"a": b"xx"}]


def test_printed_text_of_a_session_belongs_to_its_call(bench: Bench) -> None:
    call = Call(f"{bench.module('def f(): print(1)')}:f")
    with bench.worker.session() as session:
        assert [session.call(call).stdout for _ in range(2)] == ["1\n", "1\n"]


def test_a_mistake_of_the_grader_is_raised_and_harms_nothing(bench: Bench) -> None:
    with pytest.raises(WireError):
        bench.call(ADD, object())


def test_calls_may_come_from_several_threads(bench: Bench) -> None:
    name = bench.module(ADD)
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(bench.worker.call(Call(f"{name}:f", (n,))).value))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(results) == [2, 3, 4]


def test_a_tree_that_others_may_not_read_is_copied(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "m.py").write_text("def f(): return 1")
    (tmp_path / "m.py").chmod(0o600)
    tmp_path.chmod(0o700)
    with Bubblewrap().open(tmp_path, ENVIRONMENT) as worker:
        assert worker.call(Call("m:f")).value == 1


@pytest.mark.parametrize("make", [Bubblewrap, Unprotected])
def test_an_interpreter_that_does_not_start_is_an_error_of_ours(
    make: Callable[[], Any], tmp_path: Path
) -> None:
    with pytest.raises(SandboxError):
        make().open(tmp_path, Environment(tmp_path / "python", "none")).call(Call("m:f"))


def test_an_interpreter_whose_prefix_holds_a_home_is_refused() -> None:
    with pytest.raises(SandboxError, match="much more than a Python"):
        refuse_broad(str(Path.home()))


def test_an_interpreters_folders_hold_its_executable() -> None:
    found = interpreter(ENVIRONMENT.python)
    real = str(found.python.resolve())
    assert any(real.startswith(folder) for folder in found.folders)


def test_what_is_installed_beside_the_python_of_an_environment_is_not_seen_inside(bench: Bench) -> None:
    spare = interpreter(ENVIRONMENT.python).spare
    if not spare:
        pytest.skip("this Python has no folder for packages among what it shows")
    look = "import os\ndef f(): return [os.listdir(place) for place in (%r, %r)]"
    beside, above = bench.value(look % (spare[0], str(Path(spare[0]).parent)))
    assert beside == []
    assert "os.py" in above
    assert seen_inside(Path(spare[0], "unfit", "bundled"), ENVIRONMENT) == ""
    assert seen_inside(Path(spare[0]).parent / "os.py", ENVIRONMENT)


def test_an_environment_that_sees_the_packages_of_its_python_keeps_them(tmp_path: Path) -> None:
    subprocess.run(
        [sys._base_executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / "env"],  # type: ignore[attr-defined]
        check=True,
    )
    assert interpreter(tmp_path / "env" / "bin" / "python").spare == ()


GRADER = """
import sys, time
from pathlib import Path
from unfit.sandbox import Bubblewrap, Call, Environment
worker = Bubblewrap().open(Path(sys.argv[1]), Environment(Path(sys.executable), "test"))
assert worker.call(Call("m:f")).value == 1
print(worker._idle[0][0].process.pid, flush=True)
time.sleep(600)
"""


def test_a_grader_that_is_killed_takes_its_sandboxes_along(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(): return 1")
    environment = os.environ | {"PYTHONPATH": str(Path(unfit.__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", GRADER, tmp_path], stdout=subprocess.PIPE, env=environment
    ) as grader:
        assert grader.stdout is not None
        sandbox = Path("/proc", grader.stdout.readline().decode().strip())
        grader.kill()
    deadline = time.monotonic() + 60
    while sandbox.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not sandbox.exists()


def test_a_sandbox_outlives_the_thread_that_opened_it(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(): return 1")
    opened: list[Worker] = []
    thread = threading.Thread(target=lambda: opened.append(Bubblewrap().open(tmp_path, ENVIRONMENT)))
    thread.start()
    thread.join(60)
    with opened[0] as worker:
        assert worker.call(Call("m:f")).value == 1
