"""Claim a fault that only the grader's clock can see, to be excused from a replay.

ends: protocol
says: no known form
"""

from bridge import frame, head, record, send


def attack(bait):
    send(frame(b"R", head(record(fault=record(kind="wall", message="x")))))
