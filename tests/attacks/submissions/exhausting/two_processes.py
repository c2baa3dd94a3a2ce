"""Never end, in two processes at once.

ends: cpu
says: processor seconds
limits: cpu=1
"""

import os


def attack(bait):
    os.fork()
    while True:
        pass
