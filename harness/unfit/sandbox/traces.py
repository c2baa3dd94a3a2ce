"""Traces: a trusted little project that leaves what it can in one call, and records what it can see in another.

`selfcheck` copies this file into a sandbox, records, leaves traces, records again, and compares. It imports nothing of
the kit. Each way of leaving a trace is tried by itself, so that a refusal of one does not stop the next.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import resource
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

PLACES = ("/tmp", "/dev/shm", "/dev/pts")
ROOTS = (*PLACES, "/", "/dev", "/proc", "/submission", "/kit", "/etc", "/usr")
SAME_PORT = 4000
LATELY = 3600  # seconds within which everything of a call was made, however slow the machine
# the clock, this process's own use of the machine, or numbers that the kernel draws for all of it
MINE = (  # noqa: SIM905  (a word list reads better)
    "stat statm sched schedstat smaps smaps_rollup numa_maps maps pagemap io mountinfo mounts mountstats auxv "
    "timens_offsets syscall stack wchan arch_status ksm_stat environ mem clear_refs fdinfo task"
).split()
COUNTERS = (
    "VmPeak",
    "VmSize",
    "VmHWM",
    "VmRSS",
    "VmData",
    "Rss",
    "VmPTE",
    "voluntary",
    "nonvoluntary",
    "Vm",
    "Pss",
)
PRIO_PROCESS, PRIO_USER = 0, 2
SYSTEM_CALLS = {"x86_64": {"ioprio_set": 251, "ioprio_get": 252, "keyctl": 250, "add_key": 248}}
PR_SET_TIMERSLACK, PR_GET_TIMERSLACK = 29, 30


def libc() -> ctypes.CDLL:
    """Return the C library."""
    return ctypes.CDLL(None, use_errno=True)


def attempt(act: Callable[[], object]) -> str:
    """Do something; return its result as text, or the error."""
    try:
        return repr(act())
    except Exception as error:  # noqa: BLE001  (a refusal is an observation like any other)
        return f"{type(error).__name__}: {error}"


def seen(backwards: str) -> dict[str, str]:
    """Record everything that could differ because of a call before.

    Parameters
    ----------
    backwards : str
        The word that `leave` was given, from its end, so that this call does not hold the word itself.
    """
    began = time.time() - LATELY
    found: dict[str, str] = {}
    for part in (files(began), figures(), network(), own(), counters()):
        found.update(part)
    found["memory"] = "the word of the call before" if remembered(backwards) else ""
    return found


def files(began: float) -> Iterator[tuple[str, str]]:
    """Describe every file outside of Python's own folders and ``/proc``, and the folders that lead there."""
    seen_before = set()
    for root in ROOTS:
        yield root, described(root, began)
        for folder, folders, names in os.walk(root):
            if folder == "/":
                folders.clear()
            folders[:] = [name for name in folders if os.path.join(folder, name) not in ROOTS]
            if root in {"/usr", "/kit", "/proc", "/etc"}:
                folders.clear()
            for path in (os.path.join(folder, name) for name in (*folders, *names)):
                if path not in seen_before and root != "/proc":
                    seen_before.add(path)
                    yield path, described(path, began)


def described(path: str, began: float) -> str:
    """Describe one file: its kind, owner, inode, attributes, and times that are not of this call."""
    try:
        facts = os.lstat(path)
    except OSError as error:
        return str(error)
    shown = [facts.st_mode, facts.st_uid, facts.st_gid, facts.st_nlink, facts.st_size, facts.st_rdev]
    if path == "/proc":
        shown[3] = 0  # so many processes has the machine
    if not path.startswith(("/proc", "/dev/pts/")):  # drawn from a counter of the whole machine
        shown.append(facts.st_ino)
    moments = [facts.st_mtime, facts.st_ctime]
    if path.startswith(
        PLACES
    ):  # elsewhere no call can change it: a mount that is read-only keeps no such time
        moments.append(facts.st_atime)
    times = [moment if moment < began else "now" for moment in moments]
    attributes = attempt(lambda: {name: os.getxattr(path, name) for name in os.listxattr(path)})
    return f"{shown} {times} {attributes}"


def figures() -> Iterator[tuple[str, str]]:
    """Read every figure of the kernel below ``/proc``."""
    for folder, folders, names in os.walk("/proc"):
        if folder == "/proc":
            yield "processes", str([name for name in folders if name.isdigit() and int(name) != os.getpid()])
            folders[:] = [name for name in folders if not name.isdigit()]
        if folder.startswith("/proc/self"):
            folders[:] = [name for name in folders if name not in {"task", "fdinfo", "map_files", "fd", "ns"}]
        folders[:] = [name for name in folders if name != "thread-self"]
        for name in names:
            if name not in MINE or not folder.startswith("/proc/self"):
                yield os.path.join(folder, name), text_of(os.path.join(folder, name))


def text_of(path: str) -> str:
    """Read a figure, without what this process alone has counted."""
    try:
        text = Path(path).read_bytes().decode(errors="replace")
    except OSError as error:
        return str(error)
    lines = [line for line in text.splitlines() if not line.startswith(COUNTERS)]
    if path.endswith("/autogroup"):  # numbered for the whole machine
        lines = [re.sub(r"\d+", "", line, count=1) for line in lines]
    return "\n".join(lines)


def network() -> Iterator[tuple[str, str]]:
    """Look at the network: its state and counters."""
    for folder, folders, names in os.walk("/proc/self/net"):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            text = attempt(Path(path).read_text)
            # inodes are drawn for the whole machine
            yield path, re.sub(r"\b\d{4,}\b", "N", text) if name == "unix" else text
    yield "names", str(attempt(lambda: sorted(name for _, name in socket.if_nameindex())))
    yield "bind", attempt(lambda: bound_alone("\0unfit-trace"))


def bound_alone(name: str) -> str:
    """Take a name among abstract sockets."""
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(name)
    return "free"


def own() -> Iterator[tuple[str, str]]:
    """Describe this process."""
    yield "environment", str(sorted(os.environ.items()))
    yield "ids", str([os.getresuid(), os.getresgid(), os.getgroups(), os.umask(0o022), os.getcwd(), sys.argv])
    yield "affinity", str(sorted(os.sched_getaffinity(0)))
    yield "first affinity", attempt(lambda: sorted(os.sched_getaffinity(1)))
    yield "schedule", str([os.sched_getscheduler(0), os.getpriority(PRIO_PROCESS, 0)])
    yield "first schedule", attempt(lambda: [os.sched_getscheduler(1), os.getpriority(PRIO_PROCESS, 1)])
    yield "io schedule", str([libc().syscall(call("ioprio_get"), 1, which) for which in (0, 1)])
    yield "timer slack", str(libc().prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0))
    yield "timers", str([signal.getitimer(which) for which in (0, 1, 2)])
    yield "limits", str([resource.getrlimit(which) for which in range(16)])
    yield "descriptors", str([(number, kind_of(number)) for number in range(64) if kind_of(number)])
    yield "host", str([os.uname(), attempt(os.getloadavg), attempt(lambda: os.sysconf("SC_PHYS_PAGES"))])
    yield "threads", str(len(os.listdir("/proc/self/task")))


def kind_of(number: int) -> str:
    """Say what an open file is; empty where none has the number."""
    with suppress(OSError):
        return f"{stat.S_IFMT(os.fstat(number).st_mode):o} {os.get_blocking(number)}"
    return ""


def call(name: str) -> int:
    """Return the number of a system call that Python has no name for."""
    return SYSTEM_CALLS.get(os.uname().machine, {}).get(name, -1)


def counters() -> Iterator[tuple[str, str]]:
    """Draw from every counter, and see where it stands."""
    yield "pids", str([os.getpid(), os.getppid(), os.getsid(0), os.getpgid(0), born()])
    yield "terminal", attempt(lambda: os.ttyname(os.openpty()[1]))
    for place in ("/tmp", "/dev/shm"):
        yield f"inode in {place}", attempt(lambda place=place: inode(place))  # type: ignore[misc]
        yield f"room in {place}", attempt(lambda place=place: os.statvfs(place)[:9])  # type: ignore[misc]


def born() -> int:
    """Fork a child; return its number."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def inode(place: str) -> int:
    """Make a file; return its inode's number."""
    path = Path(place, "trace")
    path.touch()
    try:
        return path.stat().st_ino
    finally:
        path.unlink()


def remembered(backwards: str) -> bool:
    """Search this process's memory for a word, without ever holding it."""
    pattern = re.compile(b"".join(b"[%c]" % ord(letter) for letter in reversed(backwards)))
    with Path("/proc/self/maps").open() as lines, Path("/proc/self/mem").open("rb", 0) as memory:
        for line in list(lines):
            ends, rights, *_ = line.split()
            if rights.startswith("rw") and "[v" not in line:
                first, last = (int(end, 16) for end in ends.split("-"))
                with suppress(OSError, ValueError):
                    memory.seek(first)
                    while first < last and (piece := memory.read(min(1 << 24, last - first))):
                        if pattern.search(piece):
                            return True
                        first += len(piece)
    return False


def leave(word: str, folder: str) -> str:
    """Leave traces wherever they can be left; return the word, so that an answer carries it as well."""
    for act in (in_files, in_files_of_others, in_processes, in_the_network, in_the_kernel):
        with suppress(Exception):
            act(word)
    Path(folder, word).write_text(word * 1000)
    print(word)
    os.environ["UNFIT_TRACE"] = word
    return word


def each(tries: list[Callable[[], object]]) -> None:
    """Try several things, whatever becomes of each."""
    for act in tries:
        with suppress(Exception):
            act()


def in_files(word: str) -> None:
    """Write files, and attributes, modes and times of the folders that hold them."""
    for place in PLACES:
        each(
            [
                lambda place=place: Path(place, word).write_text(word),  # type: ignore[misc]
                lambda place=place: [Path(place, str(number)).write_text("") for number in range(300)],  # type: ignore[misc]
                lambda place=place: os.setxattr(place, "user.trace", word.encode()),  # type: ignore[misc]
                lambda place=place: os.chmod(place, 0o1733),  # type: ignore[misc]
                lambda place=place: os.utime(place, (5, 5)),  # type: ignore[misc]
                lambda place=place: os.chmod(f"{place}/ptmx", 0o600),  # type: ignore[misc]
            ]
        )


def in_files_of_others(word: str) -> None:
    """Touch, lock and drop from memory what is only there to be read."""
    paths = [
        os.path.join(folder, name)
        for folder in ("/dev", "/submission", "/etc")
        for name in os.listdir(folder)
    ]
    for path in [*paths, "/", "/usr", "/proc", "/dev", "/submission", os.__file__]:
        each(
            [
                lambda path=path: os.utime(path, (7, 7)),  # type: ignore[misc]
                lambda path=path: os.utime(path),  # type: ignore[misc]
                lambda path=path: os.setxattr(path, "user.trace", word.encode()),  # type: ignore[misc]
                lambda path=path: fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB),  # type: ignore[misc]
            ]
        )


def in_processes(word: str) -> None:
    """Change the first process and the session, and leave others behind."""
    each([lambda: [born() for _ in range(40)], os.openpty, os.openpty])
    each(
        [
            lambda: os.setpriority(PRIO_PROCESS, 1, 9),
            lambda: os.setpriority(PRIO_USER, 0, 9),
            lambda: os.sched_setaffinity(1, {0}),
            lambda: os.sched_setscheduler(1, os.SCHED_BATCH, os.sched_param(0)),
            lambda: libc().syscall(call("ioprio_set"), 1, 1, 3 << 13),
            lambda: Path("/proc/self/autogroup").write_text("7"),
            lambda: Path("/proc/1/autogroup").write_text("7"),
            lambda: libc().prctl(PR_SET_TIMERSLACK, 123456, 0, 0, 0),
            lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (99, 99)),
        ]
    )
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with socket.socket(socket.AF_UNIX) as plug:
                plug.bind("\0unfit-trace")
                time.sleep(600)
        os._exit(len(word))


def in_the_network(word: str) -> None:
    """Leave connections in their closing state, and move every counter."""
    for letter in word[:4].encode():
        with socket.socket() as server, socket.socket() as plug:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((f"127.0.0.{letter}", SAME_PORT))
            server.listen()
            plug.connect((f"127.0.0.{letter}", SAME_PORT))
            plug.shutdown(socket.SHUT_RDWR)
            server.accept()[0].close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        for _ in range(77):
            plug.sendto(word.encode(), ("127.0.0.1", SAME_PORT))


def in_the_kernel(word: str) -> None:
    """Leave keys, names, queues and shared memory in the kernel."""
    text = word.encode()
    each(
        [
            lambda: libc().syscall(call("add_key"), b"user", text, text, len(text), -4),
            lambda: socket.sethostname(word),
            lambda: libc().shmget(0x7357, 4096, 0o1666),
            lambda: libc().semget(0x7357, 1, 0o1666),
            lambda: libc().msgget(0x7357, 0o1666),
            lambda: libc().mq_open(b"/trace", os.O_CREAT | os.O_RDWR, 0o666, None),
            lambda: os.posix_fadvise(os.open(os.__file__, os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED),
        ]
    )
