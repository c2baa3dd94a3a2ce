r"""Count the open files.

ends: answer
says: ^\[0, 1, 2, 3\]$
"""

import os


def attack(bait):
    found = []
    for number in range(1024):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    return found
