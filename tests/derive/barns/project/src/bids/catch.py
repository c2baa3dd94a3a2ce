"""Catch: cases in which no farmer gets a sum without a person."""

import pandas as pd

from bids.ledger import in_square_feet
from bids.reckoner import Assayer, mean_miss

PLENTY = 40
BORNE = 2.0
EXTENTS = ["floor_sqft", "yard_sqft"]


def tripped(assayer: Assayer, settled: pd.DataFrame) -> bool:
    """Whether forecasts have gone wrong by so much that all bids must stop."""
    return len(settled) >= PLENTY and mean_miss(assayer, settled) > BORNE * assayer.miss


def outsize(assayer: Assayer, barns: pd.DataFrame) -> pd.Series:
    """Mark barns with more floor or more yard than it has ever seen."""
    extents = barns[EXTENTS].assign(yard_sqft=in_square_feet(barns["yard_sqft"]))
    return (extents > assayer.transfers[EXTENTS].max()).any(axis=1)
