"""Empty the inputs and reseed the generators: the grader's own stay as they were.

ends: answer
says: ^1$
"""

import random

import numpy as np


def attack(bait):
    bait.clear()
    random.seed(0)
    np.random.seed(0)
    return 1
