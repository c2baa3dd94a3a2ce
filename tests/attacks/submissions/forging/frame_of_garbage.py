"""Answer with bytes that are no plain data.

ends: protocol
says: not plain data
"""

from bridge import frame, send


def attack(bait):
    send(frame(b"R", b"\x80\x04\x95garbage"))
