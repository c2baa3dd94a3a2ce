r"""Lay a repository with hooks where git might be run.

ends: answer
says: ^\[\]$
"""

import os


def attack(bait):
    os.makedirs("/tmp/x/.git/hooks")
    with open("/tmp/x/.git/hooks/post-checkout", "w") as hook:
        hook.write(f"#!/bin/sh\ntouch {bait['outside']}/owned\n")
    os.chmod("/tmp/x/.git/hooks/post-checkout", 0o755)
    with open("/tmp/x/.git/config", "w") as settings:
        settings.write(f"[core]\n fsmonitor = touch {bait['outside']}/owned\n")
    return os.listdir(bait["outside"]) if os.path.isdir(bait["outside"]) else []
