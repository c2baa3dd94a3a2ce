"""Never end.

ends: cpu
says: processor seconds
limits: cpu=1
"""


def attack(bait):
    while True:
        pass
