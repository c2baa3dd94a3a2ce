"""Fill a folder that is read back with too many files.

ends: value
says: more than 10,000 files
folder: {}
"""


def attack(bait, folder):
    for number in range(10_001):
        open(f"{folder}/{number}", "w").close()
