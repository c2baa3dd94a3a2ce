"""Never end, and ignore every signal that can be ignored.

ends: cpu
says: processor seconds
limits: cpu=1
"""

import signal


def attack(bait):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass
