"""The maker: an effort for each garment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

SAVED = "maker.joblib"
MEASURES = ["wear_years", "length_m"]


@dataclass(frozen=True)
class Maker:
    """Trees, and which garments they have met."""

    garments: tuple[str, ...]
    trees: RandomForestRegressor


def turned_up(orders: pd.DataFrame) -> pd.DataFrame:
    """Drop no-shows."""
    return orders[orders["effort"] > 0]


def fit(orders: pd.DataFrame) -> Maker:
    """Grow trees, always the same ones for the same orders."""
    garments = tuple(sorted({plain(garment) for garment in orders["garment"]}))
    trees = RandomForestRegressor(n_estimators=20, random_state=7)
    return Maker(garments, trees.fit(_columns(orders, garments), orders["effort"].to_numpy()))


def expect(maker: Maker, pieces: pd.DataFrame) -> np.ndarray:
    """Give efforts, one number a row."""
    return np.asarray(maker.trees.predict(_columns(pieces, maker.garments)))


def plain(garment: str) -> str:
    """Bring typed text into one spelling."""
    return garment.strip().lower()


def _columns(pieces: pd.DataFrame, garments: tuple[str, ...]) -> np.ndarray:
    called = pieces["garment"].map(plain)
    table = pieces[MEASURES].astype(float).assign(**{garment: called == garment for garment in garments})
    return table.to_numpy(dtype=float)
