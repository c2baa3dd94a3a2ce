"""Raise an error that is its own cause.

ends: raised
says: ^KeyError|RuntimeError|ValueError
"""


def attack(bait):
    one, two = ValueError(1), KeyError(2)
    one.__cause__, two.__cause__ = two, one
    one.__context__, two.__context__ = two, one
    raise one
