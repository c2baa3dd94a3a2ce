"""Recurse past every limit.

ends: raised or died or memory
says: RecursionError|SIGSEGV|memory
limits: resident=536870912
"""

import sys


def attack(bait):
    sys.setrecursionlimit(10**9)
    return attack([bait])
