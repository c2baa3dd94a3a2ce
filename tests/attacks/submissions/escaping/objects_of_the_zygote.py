r"""Ask the garbage collector for sockets, commands and checks.

ends: answer
says: ^\[\]$
"""

import gc
import socket


def attack(bait):
    found = [thing for thing in gc.get_objects() if isinstance(thing, socket.socket)]
    found = [thing.fileno() for thing in found if thing.fileno() not in (-1, 3)]
    names = [type(thing).__name__ for thing in gc.get_objects()]
    return found + [name for name in names if name in {"Case", "Check", "Grade", "Exercise", "Bubblewrap"}]
