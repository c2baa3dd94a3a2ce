"""Return more than is taken.

ends: value
says: more than are taken|bytes
limits: reply=4000
"""


def attack(bait):
    return b"x" * 5000
