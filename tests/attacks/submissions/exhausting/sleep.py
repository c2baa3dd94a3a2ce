"""Sleep for an hour.

ends: wall
says: within 2 seconds
limits: wall=2
"""

import time


def attack(bait):
    time.sleep(3600)
