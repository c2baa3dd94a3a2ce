"""Return an array that holds objects.

ends: value
says: .
"""

import numpy as np


def attack(bait):
    return np.array([object(), {"__array__": 1}], dtype=object)
