"""Answer with lists nested 200,000 deep.

ends: protocol
says: not plain data
"""

import struct

from bridge import frame, send


def attack(bait):
    send(frame(b"R", struct.pack(">I", 200_005) + b"[" * 200_005))
