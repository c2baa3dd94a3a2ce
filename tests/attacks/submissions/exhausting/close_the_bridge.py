"""Hang up, and live on.

ends: died
says: without an answer|hung up|SIGKILL|ended
"""

import os
import time


def attack(bait):
    os.close(3)
    time.sleep(3600)
