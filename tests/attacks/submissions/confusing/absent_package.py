"""Need a package that the environment does not offer.

ends: import
says: polars
"""

import polars


def attack(bait):
    return polars
