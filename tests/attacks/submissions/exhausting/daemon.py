"""Leave a daemon behind that has forked twice and holds the bridge.

ends: died
says: exit status 3
"""

import os
import signal
import time


def attack(bait):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(3600)
        os._exit(0)
    os._exit(3)
