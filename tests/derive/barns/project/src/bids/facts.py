"""Facts: what can be said of a barn in numbers."""

import numpy as np
import pandas as pd

from bids.ledger import in_square_feet, put_in_order

MEASURES = ["floor_sqft", "yard_sqft", "bays", "doors", "framed", "soundness"]
TRANSFERS = 12
"""So many transfers are averaged."""


def floor_tariff(transfers: pd.DataFrame, sought: pd.DataFrame) -> pd.DataFrame:
    """Look up what floor went for, valley by valley.

    Parameters
    ----------
    transfers : DataFrame of shape (n, any)
        From the registrar.
    sought : DataFrame of shape (m, any)
        A ``valley`` and a ``date`` a line.

    Returns
    -------
    tariffs : DataFrame of shape (m, 1)
        ``pounds_per_sqft``, line by line; empty as long as nothing has changed hands.
    """
    proper = put_in_order(transfers)
    handover, spots = proper["handover"].to_numpy(), proper["valley"].to_numpy()
    ratios = (proper["payment"] / proper["floor_sqft"]).to_numpy()
    dates = pd.to_datetime(sought["date"]).to_numpy()
    tariffs = _last_mean(handover, ratios, dates)
    for spot in sought["valley"].unique():
        there, here = spots == spot, (sought["valley"] == spot).to_numpy()
        own = _last_mean(handover[there], ratios[there], dates[here])
        tariffs[here] = np.where(np.isnan(own), tariffs[here], own)
    return pd.DataFrame({"pounds_per_sqft": tariffs}, index=sought.index)


def _last_mean(handover: np.ndarray, ratios: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """Take the mean of the newest ratios before each date. Both arrays must be sorted by date."""
    sums = np.concatenate([[0.0], np.cumsum(ratios)])
    end = np.searchsorted(handover, dates, side="left")
    start = np.maximum(end - TRANSFERS, 0)
    return (sums[end] - sums[start]) / np.where(end > 0, end - start, np.nan)


def assemble(barns: pd.DataFrame, date: pd.Series, tariff: pd.Series) -> np.ndarray:
    """Put nine numbers together for each barn.

    Parameters
    ----------
    barns : DataFrame of shape (n, any)
        As the card has them.
    date : Series of shape (n,)
        When it changes hands, or when its farmer wrote.
    tariff : Series of shape (n,)
        From `floor_tariff`, for that date.

    Returns
    -------
    facts : ndarray of shape (n, 9)
    """
    measured = barns[MEASURES].astype(float)
    measured["yard_sqft"] = in_square_feet(measured["yard_sqft"])
    wear = (date.dt.year - measured["framed"]).clip(lower=0)
    years = date.dt.year + date.dt.day_of_year / 365
    return np.column_stack([measured.drop(columns="framed"), wear, tariff, years])
