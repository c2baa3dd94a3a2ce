r"""Look for processes other than the first and one's own, and read what is in them.

ends: answer
says: ^\[\]$
"""

import os


def attack(bait):
    got = [n for n in os.listdir("/proc") if n.isdigit() and int(n) not in (1, os.getpid())]
    for place in ["environ", "mem", "maps", "fd", "map_files", "syscall", "stack"]:
        try:
            path = f"/proc/1/{place}"
            got += os.listdir(path) if os.path.isdir(path) else [open(path, "rb").read(1)]
        except OSError:
            pass
    return got
