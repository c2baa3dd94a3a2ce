"""Read a file that was not handed in.

ends: raised
says: FileNotFoundError.*sales.csv
"""


def attack(bait):
    with open("data/sales.csv") as file:
        return file.read()
