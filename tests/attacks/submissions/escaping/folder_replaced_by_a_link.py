"""Replace a folder that is read back by a link into the kit.

ends: answer
says: ^None$
folder: {}
"""

import os


def attack(bait, folder):
    os.rmdir(folder)
    os.symlink("/kit", folder)
