"""The world of the lemonade stand."""

import random


def sales(days: int, *, seed: int) -> list[float]:
    """Draw cups sold a day."""
    draw = random.Random(seed)
    return [20 + draw.gauss(0, 2) for _ in range(days)]
