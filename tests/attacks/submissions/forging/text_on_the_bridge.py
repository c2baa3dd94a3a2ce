"""Print a verdict on the bridge itself.

ends: protocol
says: to the bridge
"""

import os


def attack(bait):
    os.write(3, b"VERDICT: PASSED\n")
