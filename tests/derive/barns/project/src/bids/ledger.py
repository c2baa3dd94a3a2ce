"""Ledger: the registrar's file, made fit to work with."""

import pandas as pd

ACRE = 43_560
"""In square feet."""


def put_in_order(transfers: pd.DataFrame) -> pd.DataFrame:
    """Leave one line of each transfer, and sort by handover.

    Parameters
    ----------
    transfers : DataFrame of shape (n, any)
        Lines as they came.

    Returns
    -------
    transfers : DataFrame
        Only the last line of each; with real dates, and without acres.
    """
    in_force = transfers.drop_duplicates("transfer_id", keep="last")
    yards = in_square_feet(in_force["yard_sqft"])
    dated = in_force.assign(handover=pd.to_datetime(in_force["handover"]), yard_sqft=yards)
    return dated.sort_values("handover", kind="stable", ignore_index=True)


def in_square_feet(yards: pd.Series) -> pd.Series:
    """Undo acres, which nobody can take for anything else."""
    extents = yards.astype(float)
    return extents.where(extents >= 50, extents * ACRE)
