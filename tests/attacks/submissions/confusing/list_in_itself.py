"""Return a list that holds itself.

ends: value
says: .
"""


def attack(bait):
    ring = []
    ring.append(ring)
    return ring
