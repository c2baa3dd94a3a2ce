"""Make empty files without end.

ends: memory
says: more files
limits: cpu=20
"""

import os


def attack(bait):
    number = 0
    while True:
        number += 1
        os.close(os.open(f"/tmp/{number}", os.O_CREAT))
