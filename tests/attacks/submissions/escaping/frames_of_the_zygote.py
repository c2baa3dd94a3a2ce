r"""Walk up the frames for a socket of the zygote.

ends: answer
says: ^\[\]$
"""

import sys


def attack(bait):
    frame, seen = sys._getframe().f_back, []
    while frame:
        sockets = [thing for thing in list(frame.f_locals.values()) if type(thing).__module__ == "socket"]
        seen += [plug.fileno() for plug in sockets if plug.fileno() not in (-1, 3)]
        frame = frame.f_back
    return seen
