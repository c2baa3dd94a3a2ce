"""Raise SystemExit(0), as a test runner would on success.

ends: died
says: SystemExit|exit
"""

raise SystemExit(0)
