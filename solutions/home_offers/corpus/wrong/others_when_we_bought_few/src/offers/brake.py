"""Brake: when the service makes no offer of its own accord."""

import pandas as pd

from offers.history import square_feet
from offers.model import Valuer, mean_error

ENOUGH = 40
TOLERATED = 2.0
SIZES = ["area_sqft", "lot_sqft"]


def stopped(valuer: Valuer, priced: pd.DataFrame) -> bool:
    """Say whether the model has become so much worse since it went live that no offer goes out."""
    resold = priced[priced["bought"]]
    judged = resold if len(resold) >= ENOUGH else priced
    return len(judged) >= ENOUGH and mean_error(valuer, judged) > TOLERATED * valuer.error


def beyond(valuer: Valuer, homes: pd.DataFrame) -> pd.Series:
    """Say which homes are larger than any that the model was fitted on."""
    sizes = homes[SIZES].assign(lot_sqft=square_feet(homes["lot_sqft"]))
    return (sizes > valuer.sales[SIZES].max()).any(axis=1)
