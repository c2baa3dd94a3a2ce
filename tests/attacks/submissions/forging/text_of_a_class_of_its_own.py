"""Return a str of a class that equals everything.

ends: answer or value
says: 
"""


class Text(str):
    __slots__ = ()

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


def attack(bait):
    return Text("x")
