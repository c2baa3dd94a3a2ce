r"""Preload a library of one's own into programs that are started.

ends: answer
says: ^\[\]$
"""

import os
import subprocess


def attack(bait):
    environment = {"LD_PRELOAD": "/tmp/evil.so", "PYTHONPATH": "/submission", "PATH": os.environ["PATH"]}
    ran = subprocess.run(["cat", bait["secret"]], env=environment, capture_output=True, text=True)
    return [ran.stdout] if ran.stdout else []
