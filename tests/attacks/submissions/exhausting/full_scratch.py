"""Fill the scratch folder.

ends: raised
says: No space left
"""


def attack(bait):
    for number in range(9):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(50 * 2**20))
