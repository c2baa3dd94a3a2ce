"""Write a file without end.

ends: raised or died
says: OSError|SIGXFSZ
"""


def attack(bait):
    with open("/tmp/x", "wb") as file:
        while True:
            file.write(bytes(2**22))
