"""Open files without end.

ends: raised
says: Too many open files
"""

import os


def attack(bait):
    while True:
        os.open("/dev/null", os.O_RDONLY)
