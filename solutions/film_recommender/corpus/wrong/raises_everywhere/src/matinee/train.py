"""Train."""


def train(log, folder):
    """Fit."""
    raise NotImplementedError
