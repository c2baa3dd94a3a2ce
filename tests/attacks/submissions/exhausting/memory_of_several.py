"""Take memory in several processes, each a little.

ends: memory
says: memory
limits: resident=268435456 cpu=20
"""

import os
import time


def attack(bait):
    for _ in range(3):
        os.fork()
    hoard = [b"x" * 2**20 + bytes([n % 256]) for n in range(80)]
    time.sleep(30)
    return len(hoard)
