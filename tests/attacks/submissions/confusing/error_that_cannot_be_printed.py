"""Raise an error that leaves when it is printed.

ends: raised
says: cannot be read
"""


class Bad(Exception):
    def __str__(self):
        raise SystemExit


def attack(bait):
    raise Bad
