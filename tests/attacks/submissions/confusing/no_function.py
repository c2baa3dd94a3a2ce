"""Have a number where a function should be.

ends: missing
says: is a int, not a function
"""

attack = 7
