"""Begin with a byte order mark, and end lines as Windows does: it is Python.

ends: answer
says: ^1$
"""

def attack(bait):
    return 1
