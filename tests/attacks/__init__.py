"""The attack suite: hostile submissions, each with the ending that it must have."""
