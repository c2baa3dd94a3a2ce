"""Make a file in memory that no limit counts.

ends: raised
says: PermissionError
"""

import os


def attack(bait):
    os.memfd_create("x")
