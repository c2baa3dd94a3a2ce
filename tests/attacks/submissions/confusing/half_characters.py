"""Return text with half of a surrogate pair.

ends: answer or value
says: 
"""


def attack(bait):
    return "\ud800"
