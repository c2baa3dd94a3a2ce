"""Call a method of a double that this call has not got.

ends: protocol
says: bridge
"""

import time

from bridge import frame, head, record, send


def attack(bait):
    question = record(id=1, double=0, method="__class__", args=[], kwargs={"d": [[], []]})
    send(frame(b"D", head(question)))
    time.sleep(30)
