"""Return lists nested a hundred thousand deep.

ends: value
says: .
"""


def attack(bait):
    nest = []
    for _ in range(100_000):
        nest = [nest]
    return nest
