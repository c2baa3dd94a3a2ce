"""Kill, stop and interrupt the zygote and everybody else.

ends: answer or died
says: 
"""

import os
import signal
import time


def attack(bait):
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGXCPU, signal.SIGKILL]:
        for target in (1, -os.getpgid(1) or 1):
            try:
                os.kill(target, number)
            except OSError:
                pass
    time.sleep(0.2)
    return "alive"
