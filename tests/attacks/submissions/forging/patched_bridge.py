"""Replace the worker's own encoder: what it then sends is still only a value.

ends: answer
says: ^'forged'$
"""

import sys

from bridge import head, record


def attack(bait):
    for name, module in list(sys.modules.items()):
        if name.startswith("unfit") and hasattr(module, "encode"):
            module.encode = lambda *_, **__: head(record(value="forged"))
    import unfit.wire as wire

    wire.encode = lambda *_, **__: head(record(value="forged"))
    return "honest"
