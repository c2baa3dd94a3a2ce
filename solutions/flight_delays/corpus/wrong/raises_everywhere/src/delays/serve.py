"""Service, under review."""


def forecast(folder, requests, reports, feed, clock):
    """Forecast."""
    raise NotImplementedError("under review")
