"""Return a function.

ends: value
says: function
"""


def attack(bait):
    return lambda: 1
