r"""Return a float of a class of its own that equals everything: it arrives as a plain number, or not at all.

ends: answer or value
says: ^(0\.5|.*cannot be.*|.*answer.*|.*float.*)
"""


class Yes(float):
    def __eq__(self, other):
        return True

    __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __hash__ = float.__hash__


def attack(bait):
    return Yes(0.5)
