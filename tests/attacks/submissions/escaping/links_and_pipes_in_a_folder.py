"""Fill a folder that is read back with links, pipes and a socket: plain files alone come back.

ends: answer
says: ^None$
folder: {'file': b'x', 'hard': b'x'}
"""

import os
import socket


def attack(bait, folder):
    os.symlink("/kit/unfit/__init__.py", folder + "/link")
    os.symlink("/usr", folder + "/tree")
    os.symlink(bait["secret"], folder + "/secret")
    os.mkfifo(folder + "/pipe")
    socket.socket(socket.AF_UNIX).bind(folder + "/socket")
    open(folder + "/file", "w").write("x")
    os.link(folder + "/file", folder + "/hard")
