"""Replace the streams by what raises when it is flushed.

ends: answer
says: ^1$
"""

import sys


class Broken:
    def write(self, text):
        raise SystemExit

    flush = property(lambda self: 1 / 0)


def attack(bait):
    sys.stdout = sys.stderr = Broken()
    return 1
