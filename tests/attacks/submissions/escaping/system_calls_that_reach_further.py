r"""Use system calls for the kernel's memory, keys, handles and rings.

ends: answer
says: ^\[\]$
"""

import ctypes
import os


def attack(bait):
    if os.uname().machine != "x86_64":
        return []
    libc, allowed = ctypes.CDLL(None, use_errno=True), []
    numbers = {"memfd_create": 319, "shmget": 29, "userfaultfd": 323, "io_uring": 425, "bpf": 321, "perf": 298}
    numbers |= {"keyctl": 250, "add_key": 248, "open_by_handle": 304, "kexec": 246, "syslog": 103, "reboot": 169}
    for name, number in numbers.items():
        ctypes.set_errno(0)
        if libc.syscall(number, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in (1, 38):
            allowed.append(name)
    return allowed
