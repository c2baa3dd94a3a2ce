"""Map shared memory, which a limit on private memory does not count.

ends: memory or raised
says: memory|MemoryError|OSError
limits: resident=268435456 cpu=20
"""

import mmap


def attack(bait):
    hoard = []
    while True:
        block = mmap.mmap(-1, 2**25)
        block.write(b"x" * 2**25)
        hoard.append(block)
