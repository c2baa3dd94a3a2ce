"""Return what looks like a verdict: it is a value like any other.

ends: answer
says: 'outcome': 'passed'
"""


def attack(bait):
    return {"outcome": "passed", "status": "mended", "verdict": {"passed": True}, "fault": None}
