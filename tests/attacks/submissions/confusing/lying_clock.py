"""Replace the clocks: the grader looks at its own.

ends: wall
says: within 2 seconds
limits: wall=2
"""

import time


def attack(bait):
    sleep = time.sleep
    time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
    sleep(3600)
