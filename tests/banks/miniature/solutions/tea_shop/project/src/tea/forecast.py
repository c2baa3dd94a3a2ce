"""Forecasts of tomorrow's sales."""

from statistics import fmean

from tea.watch import warn

WINDOW = 7


def forecast(sales: dict[str, list[float]]) -> list[dict[str, object]]:
    """Forecast each tea's sale tomorrow."""
    warn(sales)
    return [_one(tea, days) for tea, days in sales.items()]


def _one(tea: str, days: list[float]) -> dict[str, object]:
    recent = days[-WINDOW:]
    if not recent:
        return {"tea": tea, "amount": None, "status": "unknown"}
    return {"tea": tea, "amount": fmean(recent), "status": "ok"}
