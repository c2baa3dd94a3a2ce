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
    rates = known["price"] / known["area_sqft"]
    typical = rates.groupby([known["neighbourhood"], known["closed"].dt.year]).mean().rename("level")
    wanted = asked[["neighbourhood"]].assign(closed=pd.to_datetime(asked["day"]).dt.year)
    levels = wanted.join(typical, on=["neighbourhood", "closed"])["level"]
    latest = rates.groupby(known["neighbourhood"]).mean()
    levels = levels.fillna(asked["neighbourhood"].map(latest)).fillna(rates.mean())
    return pd.DataFrame({"dollars_per_sqft": levels})


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
