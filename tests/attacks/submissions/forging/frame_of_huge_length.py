"""Announce a frame of eight exbibytes.

ends: protocol
says: at most
"""

import time

from bridge import frame, send


def attack(bait):
    send(frame(b"R", b"", 2**63))
    time.sleep(30)
