r"""Climb out through the links under /proc.

ends: answer
says: ^\[\]$
"""

import os


def attack(bait):
    got = []
    for pid in ["1", "self", *[n for n in os.listdir("/proc") if n.isdigit()]]:
        for way in ["root", "cwd"]:
            try:
                got.append(open(f"/proc/{pid}/{way}{bait['secret']}").read())
            except OSError:
                pass
    return got
