"""Return NaN and infinities where numbers are expected: they arrive as what they are.

ends: answer
says: nan, inf, -inf
"""


def attack(bait):
    return [float("nan"), float("inf"), float("-inf")]
