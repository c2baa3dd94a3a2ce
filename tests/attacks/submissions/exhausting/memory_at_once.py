"""Ask for a tebibyte.

ends: memory
says: MemoryError|memory
"""


def attack(bait):
    return len(bytearray(2**40))
