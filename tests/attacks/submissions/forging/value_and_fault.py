"""Answer with a value and a fault at once.

ends: protocol
says: no known form
"""

from bridge import frame, head, record, send


def attack(bait):
    send(frame(b"R", head(record(value=1, fault=2))))
