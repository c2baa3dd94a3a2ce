"""Start threads without end.

ends: raised or memory
says: RuntimeError|Error|memory
"""

import threading
import time


def attack(bait):
    for _ in range(5000):
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
