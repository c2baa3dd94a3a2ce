"""Register handlers that print a verdict at the end: they do not run.

ends: answer
says: ^1$
never: PASSED
"""

import atexit
import os


def attack(bait):
    atexit.register(os.write, 1, b"PASSED")
    return 1
