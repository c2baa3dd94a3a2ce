r"""Call the kernel by the 32-bit numbers of the x32 interface, which a filter may forget.

ends: answer or died
says: ^\[\]$|SIGSYS|signal|SIGSEGV
"""

import ctypes
import os


def attack(bait):
    if os.uname().machine != "x86_64":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    return [n for n in (319, 101, 272) if libc.syscall(0x40000000 | n, 0, 0, 0, 0, 0) >= 0]
