"""Features: a home, and the neighbourhood that it stands in."""

import numpy as np
import pandas as pd

from offers.history import square_feet, tidy

NUMBERS = ["area_sqft", "lot_sqft", "bedrooms", "bathrooms", "built", "condition"]
SALES = 12
"""Sales that make up the level of a neighbourhood."""


def price_level(sales: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Say what a square foot cost in a neighbourhood on a day.

    Parameters
    ----------
    sales : DataFrame of shape (n, any)
        Recorded sales.
    asked : DataFrame of shape (m, any)
        ``neighbourhood`` and ``day``.

    Returns
    -------
    levels : DataFrame of shape (m, 1)
        ``dollars_per_sqft``, in the order asked for; missing where nothing had been sold by then.
    """
    known = tidy(sales)
    closed, places = known["closed"].to_numpy(), known["neighbourhood"].to_numpy()
    rates = (known["price"] / known["area_sqft"]).to_numpy()
    days = pd.to_datetime(asked["day"]).to_numpy()
    levels = _last_mean(closed, rates, days)
    for place in asked["neighbourhood"].unique():
        there, here = places == place, (asked["neighbourhood"] == place).to_numpy()
        own = _last_mean(closed[there], rates[there], days[here])
        levels[here] = np.where(np.isnan(own), levels[here], own)
    return pd.DataFrame({"dollars_per_sqft": levels}, index=asked.index)


def _last_mean(closed: np.ndarray, rates: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Average the last rates from before each day; the sales are in the order of their days."""
    sums = np.concatenate([[0.0], np.cumsum(rates)])
    end = np.searchsorted(closed, days, side="left")
    start = np.maximum(end - SALES, 0)
    return (sums[end] - sums[start]) / np.where(end > 0, end - start, np.nan)


def build(homes: pd.DataFrame, day: pd.Series, level: pd.Series) -> np.ndarray:
    """Turn homes into the numbers that the model reads.

    Parameters
    ----------
    homes : DataFrame of shape (n, any)
        The fields of the data card.
    day : Series of shape (n,)
        Day of the sale, or of the request.
    level : Series of shape (n,)
        What a square foot cost there on that day.

    Returns
    -------
    features : ndarray of shape (n, 9)
    """
    numbers = homes[NUMBERS].astype(float)
    numbers["lot_sqft"] = square_feet(numbers["lot_sqft"])
    age = (day.dt.year - numbers["built"]).clip(lower=0)
    years = day.dt.year + day.dt.day_of_year / 365
    return np.column_stack([numbers.drop(columns="built"), age, level, years])
