"""Trace a child, to rewrite its system calls past the filter.

ends: answer
says: ^-1$
"""

import ctypes


def attack(bait):
    return ctypes.CDLL(None).ptrace(0, 0, None, None)
