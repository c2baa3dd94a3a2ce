"""Kill every process that may be killed.

ends: died or raised
says: SIGKILL|ProcessLookupError|PermissionError
"""

import os


def attack(bait):
    os.kill(-1, 9)
    return "alive"
