"""Features: from loads as the depots report them to the table that the model reads."""

import pandas as pd

NUMBERS = [
    "temperature_c",
    "hours_stored",
    "acidity_d",
    "cells_k",
    "fat_pct",
    "volume_l",
]
LOWEST = [0, 0, 12, 20, 2, 100]
HIGHEST = [12, 60, 22, 1500, 7, 9000]


def readings(loads: pd.DataFrame) -> pd.DataFrame:
    """Read the numbers of each load; what is no number is missing."""
    numbers = loads[NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)
    return numbers.clip(LOWEST, HIGHEST, axis=1)


def usable(loads: pd.DataFrame) -> pd.Series:
    """Say of each load whether its readings can be used; an empty one can."""
    return (readings(loads).notna() | loads[NUMBERS].isna()).all(axis=1)


def build(loads: pd.DataFrame) -> pd.DataFrame:
    """Turn loads, each with the ``sour_share`` of its farm, into features: numbers only, with gaps."""
    features = readings(loads).fillna({"hours_stored": 0})
    features["cooler"] = loads["cooler"].astype("category").cat.codes
    features["sour_share"] = loads["sour_share"].astype(float)
    return features
