"""Forecasts of tomorrow's sales."""


def forecast(sales):
    """Forecast nothing."""
    return []
