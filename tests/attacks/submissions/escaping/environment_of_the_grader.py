r"""Look for variables that only the grader has.

ends: answer
says: ^\[\]$
"""

import os
import subprocess


def attack(bait):
    shown = subprocess.run(["env"], capture_output=True, text=True).stdout
    return [line for line in [*os.environ, *shown.splitlines()] if "BAIT" in line or "SSH" in line]
