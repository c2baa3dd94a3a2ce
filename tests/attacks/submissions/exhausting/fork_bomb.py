"""Fork without end.

ends: processes
says: more than 64 processes
"""

import os


def attack(bait):
    while True:
        os.fork()
