r"""Attach to the zygote, and read its memory.

ends: answer
says: ^\[-1, -1, -1\]$
"""

import ctypes


def attack(bait):
    libc = ctypes.CDLL(None)
    room = ctypes.create_string_buffer(16)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(room), 16)
    return [
        libc.ptrace(16, 1, None, None),
        libc.ptrace(0x4206, 1, None, None),
        libc.process_vm_readv(1, vector, 1, vector, 1, 0),
    ]
