"""Stop one's own process.

ends: wall
says: within 2 seconds
limits: wall=2
"""

import os
import signal


def attack(bait):
    os.kill(os.getpid(), signal.SIGSTOP)
