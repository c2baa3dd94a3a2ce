"""Mix tabs and spaces.

ends: syntax
says: tab|indent
"""

def attack(bait):
	return 1
        return 2
