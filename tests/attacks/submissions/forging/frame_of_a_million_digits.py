"""Answer with an integer of a million digits.

ends: protocol
says: not plain data
"""

import struct

from bridge import frame, send


def attack(bait):
    send(frame(b"R", struct.pack(">I", 1_000_000) + b"9" * 1_000_000))
