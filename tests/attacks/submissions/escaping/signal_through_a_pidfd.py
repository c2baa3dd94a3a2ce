r"""Stop the zygote through a descriptor of its process, and take its files.

ends: answer
says: ^\[\]$
"""

import ctypes
import os
import signal


def attack(bait):
    try:
        handle = os.pidfd_open(1)
    except OSError:
        return []
    done = []
    try:
        signal.pidfd_send_signal(handle, signal.SIGSTOP)
    except OSError:
        pass
    for number in range(8):
        if ctypes.CDLL(None).syscall(438, handle, number, 0) >= 0:
            done.append(number)
    return done
