"""Crash the interpreter.

ends: died
says: SIGSEGV
"""

import ctypes


def attack(bait):
    ctypes.string_at(0)
