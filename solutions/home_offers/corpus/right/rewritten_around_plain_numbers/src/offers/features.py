"""Features: what a square foot cost."""

import pandas as pd

from offers.valuation import levels, read


def price_level(sales: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Say what a square foot cost in a neighbourhood on a day."""
    return pd.DataFrame({"dollars_per_sqft": levels(read(sales), asked)})
