"""Nest thousands of folders, closed to everybody, for the cleaner to fall into.

ends: answer
says: ^3000$
"""

import os


def attack(bait):
    os.chdir("/tmp")
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    os.chmod(".", 0)
    os.mkdir("/dev/shm/x", 0o000)
    return 3000
