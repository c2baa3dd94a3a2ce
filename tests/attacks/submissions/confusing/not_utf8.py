"""Be no UTF-8.

ends: syntax
says: utf-8|UTF-8|unicode
"""

x = 'ÿ'


def attack(bait):
    return 1
