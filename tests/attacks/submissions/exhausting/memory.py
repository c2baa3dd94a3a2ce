"""Take memory without end.

ends: memory
says: memory|MemoryError
limits: resident=268435456 cpu=20
"""


def attack(bait):
    hoard = []
    while True:
        hoard.append(bytearray(b"x" * 2**20))
