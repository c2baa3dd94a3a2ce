"""Return an object that equals everything and pretends to be a float.

ends: value
says: .
"""


class Evil:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1

    def __array__(self, *_, **__):
        raise SystemExit

    def __str__(self):
        raise SystemExit

    __repr__ = __str__
    __class__ = property(lambda self: float)


def attack(bait):
    return Evil()
