r"""Remount the submission writable, unmount, change the root, and make namespaces.

ends: answer
says: ^\[\]$
"""

import ctypes
import os


def attack(bait):
    libc = ctypes.CDLL(None)
    results = {
        "remount": libc.mount(None, b"/submission", None, 32 | 4096, None),
        "tmpfs": libc.mount(b"x", b"/tmp", b"tmpfs", 0, None),
        "umount": libc.umount2(b"/submission", 2),
        "chroot": libc.chroot(b"/tmp"),
        "pivot": libc.syscall(155, b"/tmp", b"/tmp"),
        "setns": libc.setns(os.open("/proc/self/ns/mnt", os.O_RDONLY), 0),
    }
    for name, flag in {"user": 0x10000000, "mounts": 0x20000, "pid": 0x20000000, "net": 0x40000000}.items():
        results[name] = libc.unshare(flag)
    return [name for name, result in results.items() if result == 0]
