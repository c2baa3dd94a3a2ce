"""How attacks write to the bridge with their own hands; it is no attack itself."""

import json
import os
import struct


def frame(kind, body, length=None):
    return kind + struct.pack(">Q", len(body) if length is None else length) + body


def head(node, blobs=()):
    text = json.dumps({"v": node, "b": list(blobs)}).encode()
    return struct.pack(">I", len(text)) + text


def record(**fields):
    return {"d": [list(fields), list(fields.values())]}


def send(data):
    while data:
        data = data[os.write(3, data) :]
