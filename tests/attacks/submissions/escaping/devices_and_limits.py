r"""Make a device, raise a limit, and change those of the zygote.

ends: answer
says: ^\[\]$
"""

import os
import resource


def attack(bait):
    endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    done = []
    for name, act in {
        "block": lambda: os.mknod("/tmp/block", 0o60600, os.makedev(8, 0)),
        "memory": lambda: os.mknod("/tmp/memory", 0o20600, os.makedev(1, 1)),
        "raised": lambda: resource.setrlimit(resource.RLIMIT_AS, endless),
        "processor": lambda: resource.setrlimit(resource.RLIMIT_CPU, endless),
        "zygote's": lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)),
        "nice": lambda: os.nice(-5),
    }.items():
        try:
            act()
            done.append(name)
        except (OSError, ValueError):
            pass
    return done
