"""Guardrail: whether the model may still speak for us."""

import pandas as pd

from offers.history import square_feet
from offers.model import Valuer, estimate


def should_stop(valuer: Valuer, priced: pd.DataFrame) -> bool:
    """Compare the error on the homes priced since with the one at the start."""
    if len(priced) < 40:
        return False
    seen = estimate(valuer, priced, pd.to_datetime(priced["closed"]))
    return float((seen - priced["price"]).abs().mean()) / valuer.error > 2


def known_sizes(valuer: Valuer, homes: pd.DataFrame) -> pd.Series:
    """Say which homes are no larger than those that the model was fitted on."""
    area_known = homes["area_sqft"] <= valuer.sales["area_sqft"].max()
    return area_known & (square_feet(homes["lot_sqft"]) <= valuer.sales["lot_sqft"].max())
