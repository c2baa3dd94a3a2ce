"""Worker: not ready yet."""


def start(registry, store, clock):
    """Start."""
    raise NotImplementedError


def recommend(viewer, n, shown):
    """Recommend."""
    raise NotImplementedError


def metrics():
    """Tell."""
    raise NotImplementedError
