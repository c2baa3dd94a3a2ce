"""History: recorded sales as the rest of the package reads them."""

import pandas as pd

ACRE = 43_560
"""Square feet."""


def tidy(sales: pd.DataFrame) -> pd.DataFrame:
    """Read recorded sales: one line each, oldest first.

    Parameters
    ----------
    sales : DataFrame of shape (n, any)
        Recorded sales, as in the data card.

    Returns
    -------
    sales : DataFrame
        The line in force of each sale; ``closed`` is a date, lots are in square feet.
    """
    in_force = sales.drop_duplicates("sale_id", keep="last")
    lots = square_feet(in_force["lot_sqft"])
    dated = in_force.assign(closed=pd.to_datetime(in_force["closed"]), lot_sqft=lots)
    return dated.sort_values("closed", kind="stable", ignore_index=True)


def square_feet(lots: pd.Series) -> pd.Series:
    """Read the size of lots, some of which the recorder wrote in acres."""
    sizes = lots.astype(float)
    return sizes.where(sizes >= 50, sizes * ACRE)
