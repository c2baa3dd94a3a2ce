r"""Rewrite this file, its mode and its folder, for the call after this one.

ends: answer
says: ^\[\]$
"""

import os


def attack(bait):
    done = []
    for act in [
        lambda: open(__file__, "a").write("#"),
        lambda: os.chmod(__file__, 0o666),
        lambda: os.unlink(__file__),
        lambda: os.rename("/submission/bridge.py", "/submission/b.py"),
        lambda: os.utime(__file__),
        lambda: os.link(__file__, "/submission/linked.py"),
    ]:
        try:
            act()
            done.append(1)
        except OSError:
            pass
    return done
