r"""Import the fakes beside this file: the real ones answer, and no fake runs.

ends: answer
says: ^\[3, '/kit/unfit/__init__.py', True\]$
"""

import json

import numpy as np
import unfit


def attack(bait):
    return [int(np.sum([1, 2])), unfit.__file__, json.loads("true")]
