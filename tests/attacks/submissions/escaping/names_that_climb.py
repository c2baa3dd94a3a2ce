r"""Name files in a folder that is read back so that they would climb out of it.

ends: answer
says: ^None$
folder: {'..\\up': b'', '...': b''}
"""


def attack(bait, folder):
    for name in ("..\\up", "..."):
        open(f"{folder}/{name}", "w").close()
