r"""Make a user namespace with clone and clone3, where unshare is refused.

ends: answer
says: ^\[\]$
"""

import ctypes
import os


def attack(bait):
    libc, made = ctypes.CDLL(None), []
    numbers = {"x86_64": 56, "aarch64": 220}
    for name, number in (("clone", numbers.get(os.uname().machine, 56)), ("clone3", 435)):
        block = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
        first = ctypes.byref(block) if name == "clone3" else ctypes.c_ulong(0x10000000 | 17)
        pid = libc.syscall(number, first, ctypes.c_ulong(88 if name == "clone3" else 0), 0, 0, 0)
        if pid == 0:
            os._exit(0)
        if pid > 0:
            made.append(name)
    return made
