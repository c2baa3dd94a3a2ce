"""Evaluate."""


def evaluate(log):
    """Hold out."""
    raise NotImplementedError
