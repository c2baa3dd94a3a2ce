"""Make a file that claims a tebibyte.

ends: raised or died
says: OSError|SIGXFSZ
"""


def attack(bait):
    with open("/tmp/x", "wb") as file:
        file.truncate(2**40)
