"""Features, under review."""


def recent_delay(reports, asked):
    """Say how late flights have been lately."""
    raise NotImplementedError("under review")
