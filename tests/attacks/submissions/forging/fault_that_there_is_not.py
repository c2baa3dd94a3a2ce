"""Claim a fault named `passed`.

ends: protocol
says: no known form
"""

from bridge import frame, head, record, send


def attack(bait):
    send(frame(b"R", head(record(fault=record(kind="passed", message="x")))))
