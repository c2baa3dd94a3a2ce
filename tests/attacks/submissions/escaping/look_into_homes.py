r"""List homes, the repository and other places of the machine.

ends: answer
says: ^\[\]$
"""

import os
import sys


def attack(bait):
    got = []
    for place in [*bait["places"], "/home", "/root", "/var", "/srv", "/run", "/sys", "/boot", "/mnt"]:
        ways = [p for p in (sys.prefix, sys.base_prefix) if p.startswith(place.rstrip("/") + "/")]
        if os.path.isdir(place) and not ways and not sys.prefix.startswith(place) and os.listdir(place):
            got.append(place)
    return got
