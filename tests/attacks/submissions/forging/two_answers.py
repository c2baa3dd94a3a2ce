"""Answer twice: only the first is read.

ends: answer
says: ^1$
"""

from bridge import frame, head, record, send


def attack(bait):
    send(frame(b"R", head(record(value=1))) + frame(b"R", head(record(value=2))))
    return 3
