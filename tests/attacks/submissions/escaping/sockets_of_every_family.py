r"""Open a socket of every family that the kernel knows.

ends: answer
says: ^\[1, 2, 10\]$
"""

import socket


def attack(bait):
    opened = set()
    for family in range(64):
        for kind in (1, 2, 3, 5):
            try:
                socket.socket(family, kind).close()
                opened.add(family)
            except OSError:
                pass
    return sorted(opened)
