"""Night: not any more."""


def run(store: object, model: object, out: object, night: str) -> int:
    """Raise."""
    raise RuntimeError("out of service")
