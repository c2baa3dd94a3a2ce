"""Print a hundred megabytes on both streams: the beginning is kept, the rest is counted.

ends: answer
says: ^1$
output: more bytes were dropped
"""

import os


def attack(bait):
    for _ in range(50):
        os.write(1, b"o" * 2**20)
        os.write(2, b"e" * 2**20)
    return 1
