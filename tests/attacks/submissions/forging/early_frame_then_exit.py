"""Write a valid answer before the work is done, and leave.

ends: answer
says: ^42$
"""

import os

from bridge import frame, head, record, send


def attack(bait):
    send(frame(b"R", head(record(value=42))))
    os._exit(0)
