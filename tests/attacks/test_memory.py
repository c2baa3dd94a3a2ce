"""No call knows anything of another: each way to remember is contained, and works where its wall is taken away."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import unfit
from sandbox_samples import ENVIRONMENT
from strangers import python_of_a_stranger
from unfit.sandbox import Bubblewrap, Call, Limits, bubblewrap
from unfit.sandbox.selfcheck import forgets
from unfit.wire import Folder

pytestmark = pytest.mark.sandbox

HERE = Path(__file__).parent
FRESH = ("pid", "mount", "net", "ipc", "uts", "cgroup")

# a way to remember: what writes a number, what reads it in another call, and the walls that stand between the two:
# namespaces, "user" (one without files of its own), "filter" (of system calls) and "process" (one for each call)
WAYS = {
    "connections that are closing": (
        """
        for number in range(x):
            with socket.socket() as server, socket.socket() as plug:
                server.bind((f"127.0.0.{number + 2}", 4000)); server.listen()
                plug.connect((f"127.0.0.{number + 2}", 4000)); plug.shutdown(2); server.accept()[0].close()
        """,
        "return open('/proc/net/tcp').read().count(':0FA0')",
        "net",
    ),
    "counters of datagrams": (
        """
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
            for _ in range(x): plug.sendto(b'x', ('127.0.0.1', 9))
        """,
        "return open('/proc/net/dev').read()",
        "net",
    ),
    "numbers of processes": ("for _ in range(x): fork()", "return fork()", "pid"),
    "the own number": ("pass", "return os.getpid()", "pid"),
    "inodes of the scratch folder": (
        "for number in range(x): open(f'/tmp/{number}', 'w')",
        "open('/tmp/a', 'w'); return os.stat('/tmp/a').st_ino",
        "mount",
    ),
    "attributes of the scratch folder": (
        "os.mkdir('/tmp/a'); attempt(lambda: os.chmod('/tmp', 0o1733))",
        "return os.stat('/tmp').st_nlink, oct(os.stat('/tmp').st_mode), os.listxattr('/tmp')",
        "mount user",
    ),
    "terminals": (
        "[attempt(lambda: os.chmod(f'/dev/pts/{name}', 0o600)) for name in ['ptmx', *os.listdir('/dev/pts')]]",
        "return {name: oct(os.stat(f'/dev/pts/{name}').st_mode) for name in os.listdir('/dev/pts')}",
        "mount user",
    ),
    "the words of a folder in memory": (
        "open(folder + '/a', 'w').write(('remember' + 'this') * 1000)",
        "return searched(b'[r]emembe[r]thi[s]')",
        "process",
    ),
    "figures of the machine": (
        "for _ in range(x): socket.socketpair()[0].close()",
        """
        import re
        names = ("stat", "loadavg", "uptime", "meminfo", "diskstats", "interrupts", "vmstat", "net/softnet_stat")
        return [attempt(lambda: open(f'/proc/{name}').read()) for name in names]
        """,
        "mount",
    ),
    "times of device files": (
        "attempt(lambda: os.utime('/dev/null'))",
        "return os.stat('/dev/null').st_mtime",
        "mount",
    ),
    "niceness of a session": (
        "attempt(lambda: open('/proc/self/autogroup', 'w').write('9'))",
        "return attempt(lambda: open('/proc/self/autogroup').read().split()[1:])",
        "mount process",
    ),
    "affinity of the first process": (
        """
        attempt(lambda: os.sched_setaffinity(1, {min(os.sched_getaffinity(1))}))
        attempt(lambda: os.setpriority(os.PRIO_PROCESS, 1, 5))
        """,
        "return attempt(lambda: sorted(os.sched_getaffinity(1))), sorted(os.sched_getaffinity(0)), os.nice(0)",
        "",  # the kernel lets nobody move a process that holds more rights, and each call has another
    ),
    "names of sockets": (
        """
        plug = socket.socket(socket.AF_UNIX)
        bound = lambda: all(iter(lambda: attempt(lambda: plug.bind('\\0me')), None))  # again while we look below
        fork(lambda: (bound(), time.sleep(600)), wait=False)
        while attempt(lambda: socket.socket(socket.AF_UNIX).bind('\\0me')) is None:
            time.sleep(0.01)
        """,
        "return attempt(lambda: socket.socket(socket.AF_UNIX).bind('\\0me'))",
        "process",
    ),
}
HEAD = """
import os, re, socket, time

def fork(act=lambda: None, wait=True):
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    if wait: os.waitpid(pid, 0)
    return pid

def attempt(act):
    try:
        return act()
    except OSError as error:
        return type(error).__name__

def searched(pattern):
    found = 0
    with open('/proc/self/maps') as lines, open('/proc/self/mem', 'rb', 0) as memory:
        for line in list(lines):
            if ' rw' in line and '[v' not in line:
                first, last = (int(end, 16) for end in line.split()[0].split('-'))
                try:
                    memory.seek(first)
                    found += len(re.findall(pattern, memory.read(last - first)))
                except (OSError, ValueError): pass
    return found > 1
"""


def indented(lines: str) -> str:
    """Return lines as the body of a function."""
    kept = [line for line in lines.splitlines() if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in kept)
    return "\n".join("    " + line[margin:] for line in kept)


def project(folder: Path) -> Path:
    """Write a module for each way."""
    for number, (write, read, _) in enumerate(WAYS.values()):
        source = f"{HEAD}\ndef write(x, folder):\n{indented(write)}\n\ndef read():\n{indented(read)}\n"
        (folder / f"way{number}.py").write_text(source)
    (folder / "traces.py").write_bytes((Path(unfit.__file__).parent / "sandbox" / "traces.py").read_bytes())
    folder.chmod(0o755)
    return folder


def opened(folder: Path, missing: str = "") -> Any:
    """Start a sandbox around all ways, without the walls that are missing."""
    gone = missing.split()
    changes = {
        name: value
        for wall, name, value in (("user", "user", None), ("filter", "rules", b""))
        if wall in gone
    }
    real = bubblewrap.config
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bubblewrap, "FRESH", tuple(name for name in FRESH if name not in gone))
        patch.setattr(bubblewrap, "config", lambda *args: real(*args) | changes)
        worker = Bubblewrap().open(project(folder), ENVIRONMENT, paths=(".",))
        worker.call(Call("way0:read"))
    return worker


@pytest.fixture(scope="module", name="worker")
def worker_fixture(arena_works: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give a sandbox with all its walls."""
    with opened(tmp_path_factory.mktemp("ways")) as worker:
        yield worker


def told(worker: Any, way: str) -> tuple[Any, Any]:
    """Read, write and read again, in three calls of a worker or a session; return what the two readings say."""
    module = f"way{list(WAYS).index(way)}"
    before = worker.call(Call(f"{module}:read", limits=Limits(cpu=20, wall=60)))
    written = worker.call(Call(f"{module}:write", (37, Folder()), limits=Limits(cpu=20, wall=60)))
    after = worker.call(Call(f"{module}:read", limits=Limits(cpu=20, wall=60)))
    assert (before.fault, written.fault, after.fault) == (None, None, None)
    return before.value, after.value


@pytest.mark.parametrize("way", WAYS)
def test_a_call_tells_the_next_nothing(
    way: str, worker: Any, record_property: Callable[[str, object], None]
) -> None:
    record_property("attack", "remembering")
    before, after = told(worker, way)
    assert before == after


def test_the_port_of_a_connection_does_not_follow_from_those_of_the_call_before(
    worker: Any, tmp_path: Path
) -> None:
    source = """
import socket
def ports(times):
    found = []
    for _ in range(times):
        with socket.socket() as server, socket.socket() as plug:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", 4000)); server.listen()
            plug.connect(("127.0.0.1", 4000)); found.append(plug.getsockname()[1])
    return found
"""
    (tmp_path / "many.py").write_text(source)
    tmp_path.chmod(0o755)
    with Bubblewrap().open(tmp_path, ENVIRONMENT, paths=(".",)) as fresh:
        gaps = [
            fresh.call(Call("many:ports", (1,))).value[0] - fresh.call(Call("many:ports", (1,))).value[0]
            for _ in range(4)
        ]
    assert max(map(abs, gaps)) > 100


def test_a_record_of_everything_that_can_be_seen_is_the_same_in_the_next_call(worker: Any) -> None:
    denial = forgets(worker)
    assert denial.holds, denial.seen


@pytest.mark.slow
@pytest.mark.parametrize("way", [way for way, (_, _, walls) in WAYS.items() if walls])
def test_without_its_walls_a_call_tells_the_next(way: str, arena_works: None, tmp_path: Path) -> None:
    walls = WAYS[way][2]
    if "autogroup" in WAYS[way][0] and not Path("/proc/self/autogroup").exists():
        pytest.skip("this kernel has no niceness of a session")
    with contextlib.ExitStack() as stack:
        asked = stack.enter_context(opened(tmp_path, missing=walls))
        if "process" in walls:
            asked = stack.enter_context(asked.session())
        before, after = told(asked, way)
    assert before != after


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has run them already")
def test_an_ordinary_users_calls_tell_each_other_nothing(arena_works: None) -> None:
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-m", "not slow"]
    done = subprocess.run(
        [*python_of_a_stranger(), *words, "--confcutdir", str(HERE.parent), str(HERE / "test_memory.py")],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{Path(unfit.__file__).parents[1]}:{HERE.parent}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/nonexistent",
        },
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-4000:]
