"""Do not parse.

ends: syntax
says: line 8|syntax|expected
"""

def attack(bait)
    return 1
