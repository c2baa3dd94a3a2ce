"""Send what the grader sends: a command and an event.

ends: protocol
says: unknown kind
"""

from bridge import frame, head, record, send


def attack(bait):
    send(frame(b"C", head(record(do="end", wait=False, capture=[], most=0))))
