"""Features: a home, and the neighbourhood that it stands in."""

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
    found = []
    for place, day in zip(asked["neighbourhood"], pd.to_datetime(asked["day"]), strict=True):
        earlier = known[known["closed"] < day]
        own = earlier.loc[earlier["neighbourhood"] == place, "rate"]
        found.append((own if len(own) else earlier["rate"]).tail(20).median())
    return pd.DataFrame({"dollars_per_sqft": found}, index=asked.index, dtype=float)


def build(homes: pd.DataFrame, day: pd.Series, level: pd.Series) -> pd.DataFrame:
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
    features : DataFrame of shape (n, 7)
    """
    numbers = homes[NUMBERS].astype(float)
    numbers["lot_sqft"] = square_feet(numbers["lot_sqft"])
    age = (day.dt.year - numbers["built"]).clip(lower=0)
    return numbers.drop(columns="built").assign(age=age, level=level)
