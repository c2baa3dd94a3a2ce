"""Features: a home, and the neighbourhood that it stands in."""

import numpy as np
import pandas as pd

from offers.history import square_feet, tidy

NUMBERS = ["area_sqft", "lot_sqft", "bedrooms", "bathrooms", "built", "condition"]


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
    known = known.assign(rate=known["price"] / known["area_sqft"])
    wanted = asked[["neighbourhood"]].assign(day=pd.to_datetime(asked["day"]), at=range(len(asked)))
    wanted = wanted.sort_values("day", kind="stable")
    means = known.groupby("neighbourhood")["rate"].transform(lambda rates: rates.expanding().mean())
    there = known[["closed", "neighbourhood"]].assign(own=means)
    city = known[["closed"]].assign(all=known["rate"].expanding().mean())
    earlier = {"left_on": "day", "right_on": "closed"}
    found = pd.merge_asof(wanted, there, by="neighbourhood", **earlier).drop(columns="closed")
    found = pd.merge_asof(found, city, **earlier).sort_values("at")
    levels = found["own"].fillna(found["all"]).to_numpy()
    return pd.DataFrame({"dollars_per_sqft": levels}, index=asked.index)


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
    numbers = homes[[name for name in homes if name in NUMBERS]].astype(float)
    numbers["lot_sqft"] = square_feet(numbers["lot_sqft"])
    age = (day.dt.year - numbers["built"]).clip(lower=0)
    years = day.dt.year + day.dt.day_of_year / 365
    return np.column_stack([numbers.drop(columns="built"), age, level, years])
