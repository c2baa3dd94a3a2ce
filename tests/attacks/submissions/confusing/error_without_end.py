"""Raise an error of sixteen million characters.

ends: raised
says: ^ValueError
"""


def attack(bait):
    raise ValueError("x" * 2**24)
