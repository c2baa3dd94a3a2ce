"""Features: from loads as the depots report them to the table that the model reads."""

import pandas as pd

RANGES = {
    "temperature_c": (0, 12),
    "hours_stored": (0, 60),
    "acidity_d": (12, 22),
    "cells_k": (20, 1500),
    "fat_pct": (2, 7),
    "volume_l": (100, 9000),
}
NUMBERS = list(RANGES)
COOLERS = ["bulk", "can", "ice", "plate"]


def readings(loads: pd.DataFrame) -> pd.DataFrame:
    """Read the numbers of each load; what is no number is missing."""
    return loads[NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)


def usable(loads: pd.DataFrame) -> pd.Series:
    """Say of each load whether its readings can be used; an empty one can."""
    numbers = readings(loads)
    plausible = pd.DataFrame({field: numbers[field].between(*RANGES[field]) for field in NUMBERS})
    return (plausible | loads[NUMBERS].isna()).all(axis=1)


def build(loads: pd.DataFrame) -> pd.DataFrame:
    """Turn loads, each with the ``sour_share`` of its farm, into features: numbers only, with gaps."""
    features = readings(loads).fillna({"hours_stored": 0})
    features["cooler"] = pd.Categorical(loads["cooler"], categories=COOLERS).codes
    features["sour_share"] = loads["sour_share"].astype(float)
    return features
