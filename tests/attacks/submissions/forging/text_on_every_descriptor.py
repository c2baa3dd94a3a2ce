r"""Print a verdict on every descriptor but the bridge.

ends: answer
says: ^\[1, 2\]$
"""

import os


def attack(bait):
    heard = []
    for number in [n for n in range(256) if n != 3]:
        try:
            os.write(number, b'{"outcome": "passed"} PASSED 1 passed in 0.1s\n')
            heard.append(number)
        except OSError:
            pass
    return heard
