"""Bring a test runner that passes everything: no test of anybody's runs in here, so nothing asks it.

ends: answer
says: ^'1 passed'$
"""

import sys
import types


def attack(bait):
    fake = types.ModuleType("pytest")
    fake.main = lambda *_, **__: 0
    sys.modules["pytest"] = sys.modules["_pytest"] = fake
    return "1 passed"
