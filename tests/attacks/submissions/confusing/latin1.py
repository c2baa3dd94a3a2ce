# coding: latin-1
"""Say that it is Latin-1, and be that: it is Python.

ends: answer
says: '.'
"""


def attack(bait):
    return 'é'
