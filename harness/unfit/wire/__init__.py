"""Plain data across the bridge: exact both ways, and everything else refused.

What crosses is ``None``, booleans, integers, floats, text, bytes, lists, dictionaries, dates and times, numpy scalars
and arrays, pandas tables and series, and two handles: a `Folder` of files and a `Double` that the grader answers for.
"""

from unfit.wire.decode import decode, simple
from unfit.wire.encode import NotPlain, encode
from unfit.wire.frames import Frames, receive, send
from unfit.wire.handles import Double, Folder, Handles, relative

__all__ = [
    "Double",
    "Folder",
    "Frames",
    "Handles",
    "NotPlain",
    "decode",
    "encode",
    "receive",
    "relative",
    "send",
    "simple",
]
