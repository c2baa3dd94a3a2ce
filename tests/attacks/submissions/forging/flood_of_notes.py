"""Flood the bridge with a hundred thousand notes, then answer.

ends: answer
says: ^7$
"""

from bridge import frame, send


def attack(bait):
    note = frame(b"P", b"\x1b[2Jcell <script>" * 8)
    for _ in range(1000):
        send(note * 100)
    return 7
