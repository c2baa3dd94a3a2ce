"""Send a frame of a kind that there is not.

ends: protocol
says: unknown kind
"""

from bridge import frame, send


def attack(bait):
    send(frame(b"V", b"passed"))
