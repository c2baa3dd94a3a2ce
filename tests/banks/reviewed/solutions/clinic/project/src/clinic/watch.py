"""Watch: what looks unusual."""


def watch(record):
    """Name the fields that look unusual."""
    return [field for field, value in record.items() if value is None]
