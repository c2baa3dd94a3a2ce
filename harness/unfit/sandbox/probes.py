"""Probes: a trusted little project that tries what a submission must not be able to do.

`selfcheck` copies this file into a sandbox and calls each function there. A function returns what it managed to do, or
an empty text where it was refused. It imports nothing of the kit, and does no harm where it succeeds.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

MIB = 1024 * 1024
PTRACE_ATTACH = 16
MS_REMOUNT, MS_BIND = 32, 4096
NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
SO_COOKIE, SO_NETNS_COOKIE, MADV_COLD, NS_GET_NSTYPE = 57, 71, 20, 0xB703
FAMILIES = (
    "AF_NETLINK",
    "AF_PACKET",
    "AF_VSOCK",
    "AF_ALG",
    "AF_BLUETOOTH",
    "AF_CAN",
    "AF_RDS",
    "AF_TIPC",
    "AF_QIPCRTR",
)
NUMBERS = {
    "x86_64": {
        "memfd_create": 319,
        "memfd_secret": 447,
        "shmget": 29,
        "userfaultfd": 323,
        "io_uring_setup": 425,
    }
    | {
        "bpf": 321,
        "perf_event_open": 298,
        "keyctl": 250,
        "add_key": 248,
        "open_by_handle_at": 304,
        "pidfd_getfd": 438,
    },
    "aarch64": {
        "memfd_create": 279,
        "memfd_secret": 447,
        "shmget": 194,
        "userfaultfd": 282,
        "io_uring_setup": 425,
    }
    | {
        "bpf": 280,
        "perf_event_open": 241,
        "keyctl": 219,
        "add_key": 217,
        "open_by_handle_at": 265,
        "pidfd_getfd": 438,
    },
}
EPERM, ENOSYS = 1, 38


def libc() -> ctypes.CDLL:
    """Return the C library."""
    return ctypes.CDLL(None, use_errno=True)


def each(tries: Iterable[tuple[str, Callable[[], object]]]) -> str:
    """Try several things; name those that worked."""
    done = []
    for name, act in tries:
        try:
            act()
        except Exception:  # noqa: BLE001, S112  (every refusal counts as one)
            continue
        done.append(name)
    return ", ".join(done)


def read_files(paths: list[str]) -> str:
    """Read files of the machine."""
    return each((path, Path(path).read_bytes) for path in paths)


def list_folders(paths: list[str]) -> str:
    """Look into folders of the machine."""
    return ", ".join(path for path in paths if path != "/tmp" and Path(path).is_dir() and beside_python(path))


def beside_python(folder: str) -> list[str]:
    """List what lies in a folder, but for the way to the interpreter."""
    ways = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix)]
    found = [Path(folder, name) for name in os.listdir(folder)] if os.access(folder, os.R_OK) else []
    return [str(path) for path in found if not any(path == way or path in way.parents for way in ways)]


def write_files(folders: list[str]) -> str:
    """Write where nothing may be written."""

    def write(folder: str) -> None:
        place = Path(folder, ".unfit-probe")
        place.write_text("")
        place.unlink()

    return each((folder, partial(write, folder)) for folder in [*folders, sys.prefix, sys.base_prefix])


def environment(canary: str) -> str:
    """Look for a word of the grader's environment."""
    found = [name for name, value in os.environ.items() if canary in value]
    readable = each([("/proc/1/environ", Path("/proc/1/environ").read_bytes)])
    return ", ".join([*found, readable] if readable else found)


def connect(port: int, port6: int, abstract: str) -> str:
    """Reach a listener of the grader."""

    def reach(family: int, address: object) -> None:
        with socket.socket(family, socket.SOCK_STREAM) as plug:
            plug.settimeout(2)
            plug.connect(address)  # type: ignore[arg-type]  # an address of whatever family

    return each(
        [
            ("IPv4", lambda: reach(socket.AF_INET, ("127.0.0.1", port))),
            ("IPv6", lambda: reach(socket.AF_INET6, ("::1", port6))),
            ("abstract Unix socket", lambda: reach(socket.AF_UNIX, "\0" + abstract)),
        ]
    )


def families() -> str:
    """Open a socket of a family that network namespaces may not cover."""

    def open_family(number: int) -> None:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(number, kind).close()
            except OSError:
                continue
            return
        raise OSError

    known = [(name, getattr(socket, name)) for name in FAMILIES if hasattr(socket, name)]
    return each((name, partial(open_family, number)) for name, number in known)


def trace() -> str:
    """Trace, read or open the process that commands this one."""

    def attach() -> None:
        if libc().ptrace(PTRACE_ATTACH, 1, None, None) != 0:
            raise OSError

    places = ("mem", "fd", "fdinfo", "map_files", "environ", "cwd")
    opened = [(f"/proc/1/{place}", partial(look, f"/proc/1/{place}")) for place in places]
    return each([("ptrace", attach), *opened])


def look(path: str) -> None:
    """Read from a file or a folder."""
    if Path(path).is_dir():
        os.listdir(path)
    else:
        with Path(path).open("rb") as file:
            file.read(1)


def kill() -> str:
    """End the process that commands this one; who gets an answer has not been able to."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGSTOP,
        signal.SIGKILL,
        signal.SIGXCPU,
        signal.SIGCHLD,
    ):
        each([("", partial(os.kill, 1, number))])
    time.sleep(0.2)
    return ""


def processes() -> str:
    """See processes other than the first and one's own."""
    return ", ".join(
        name for name in os.listdir("/proc") if name.isdigit() and int(name) not in {1, os.getpid()}
    )


def leave(folder: str) -> str:
    """Leave a daemon and a file behind; `left` looks for them."""
    Path(folder, "left-behind").write_text("")
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        os._exit(0)
    return ""


def left(folder: str) -> str:
    """Find what `leave` left behind."""
    found = [str(path) for path in (Path(folder, "left-behind"),) if path.exists()]
    others = processes()
    return ", ".join([*found, f"processes {others}"] if others else found)


def remount() -> str:
    """Make the submission writable, or make namespaces of one's own."""

    def call(result: int) -> None:
        if result != 0:
            raise OSError

    return each(
        [
            ("mount", lambda: call(libc().mount(None, b"/submission", None, MS_REMOUNT | MS_BIND, None))),
            ("umount", lambda: call(libc().umount2(b"/submission", 2))),
            ("user namespace", lambda: call(libc().unshare(NEW_USER))),
            ("mount namespace", lambda: call(libc().unshare(NEW_MOUNTS))),
            ("chroot", lambda: os.chroot("/tmp")),
        ]
    )


def system_calls() -> str:
    """Use system calls that no submission needs."""
    allowed = []
    for name, number in NUMBERS.get(platform.machine(), {}).items():
        ctypes.set_errno(0)
        result = libc().syscall(number, 0, 0, 0, 0, 0)
        if result >= 0 or ctypes.get_errno() not in {EPERM, ENOSYS}:
            allowed.append(name)
    return ", ".join(allowed)


def counters() -> str:
    """Read or move what counts for all processes of the machine: its memory, its cache, its sockets, its namespaces."""
    page = mmap.mmap(-1, mmap.PAGESIZE)
    place = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    room = ctypes.create_string_buffer(512)

    def call(result: int) -> None:
        if result < 0:
            raise OSError

    with (
        socket.socket() as plug,
        Path(os.__file__).open("rb") as file,
        Path("/proc/self/ns/net").open("rb") as own,
    ):
        return each(
            [
                ("sysinfo", lambda: call(libc().sysinfo(room))),
                ("mincore", lambda: call(libc().mincore(place, ctypes.c_size_t(mmap.PAGESIZE), room))),
                ("number of a socket", lambda: plug.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8)),
                ("number of a network", lambda: plug.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8)),
                ("number of a process", lambda: os.close(os.pidfd_open(os.getpid()))),
                ("what is cached", lambda: os.preadv(file.fileno(), [bytearray(1)], 0, os.RWF_NOWAIT)),
                ("forget what is cached", lambda: forget(file.fileno())),
                ("page out", lambda: call(libc().madvise(place, ctypes.c_size_t(mmap.PAGESIZE), MADV_COLD))),
                ("kind of a namespace", lambda: fcntl.ioctl(own, NS_GET_NSTYPE)),
            ]
        )


def forget(file: int) -> None:
    """Drop a file from the cache of the machine."""
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def privileges() -> str:
    """Have, or get, more than an ordinary user."""
    lines = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line
    )
    held = [name for name in ("CapInh", "CapPrm", "CapEff", "CapAmb") if int(lines[name], 16)]
    held += [name for name, want in (("NoNewPrivs", "1"), ("Seccomp", "2")) if lines[name].strip() != want]
    if 0 in (*os.getresuid(), *os.getresgid()):
        held.append("root's user or group")
    if os.getgroups() not in ([], [os.getgid()], [65534]):
        held.append("groups")
    return ", ".join(held) or each([("setuid", lambda: os.setuid(0)), ("setgid", lambda: os.setgid(0))])


def kernel_settings() -> str:
    """Open settings and memory of the kernel for writing."""
    paths = (
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sysrq-trigger",
        "/dev/mem",
        "/dev/kmsg",
    )
    return each((path, partial(open_for_writing, path)) for path in paths)


def open_for_writing(path: str) -> None:
    """Open a file for writing, and write nothing."""
    os.close(os.open(path, os.O_WRONLY))


def devices(folder: str) -> str:
    """Make a device file, and raise a limit."""
    place = os.path.join(folder, "device")
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    return each(
        [
            ("mknod", lambda: os.mknod(place, 0o60600, os.makedev(8, 0))),
            ("setrlimit", lambda: resource.setrlimit(resource.RLIMIT_AS, unlimited)),
            ("prlimit of the zygote", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))),
        ]
    )


def fill(folders: list[str]) -> str:
    """Write a gigabyte where a little may be written."""

    def write(folder: str) -> None:
        try:
            for number in range(32):
                Path(folder, f"fill{number}").write_bytes(bytes(32 * MIB))
        finally:
            for number in range(32):
                Path(folder, f"fill{number}").unlink(missing_ok=True)

    return each((folder, partial(write, folder)) for folder in folders)


def multiply() -> str:
    """Fork until something stops it."""
    count = 0
    for _ in range(400):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
    return f"{count} processes"
