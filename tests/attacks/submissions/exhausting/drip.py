"""Send an answer one byte at a time, for ever.

ends: wall
says: within 2 seconds
limits: wall=2
"""

import time

from bridge import frame, send


def attack(bait):
    for byte in frame(b"R", bytes(1000)):
        send(bytes([byte]))
        time.sleep(0.05)
