r"""Reach the grader's listeners over IPv4, IPv6 and abstract Unix sockets.

ends: answer
says: ^\[\]$
"""

import socket


def attack(bait):
    done = []
    tries = [
        (socket.AF_INET, ("127.0.0.1", bait["port"])),
        (socket.AF_INET6, ("::1", bait["port6"])),
        (socket.AF_UNIX, "\0" + bait["abstract"]),
    ]
    for family, address in tries:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as plug:
                plug.settimeout(2)
                plug.connect(address)
                done.append(str(address))
        except OSError:
            pass
    return done
