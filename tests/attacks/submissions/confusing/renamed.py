"""Call the entry point something else.

ends: missing
says: `attack` is not in
"""


def attacks(bait):
    return 1
