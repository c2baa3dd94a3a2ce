"""Fill the shared memory.

ends: raised
says: No space left
"""


def attack(bait):
    for number in range(9):
        with open(f"/dev/shm/{number}", "wb") as file:
            file.write(bytes(50 * 2**20))
