"""Return a generator that never ends.

ends: cpu or memory
says: processor|memory
limits: cpu=1 resident=536870912
"""


def attack(bait):
    return (number for number in iter(int, 1))
