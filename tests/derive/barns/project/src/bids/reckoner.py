"""Reckoner: by which factor a barn beats its valley."""

from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor

from bids.facts import assemble, floor_tariff
from bids.ledger import put_in_order

SEED = 11
STORE = "assayer.joblib"


@dataclass(frozen=True)
class Assayer:
    """All that the window opens.

    Parameters
    ----------
    booster : GradientBoostingRegressor
        Its trees; they say a logarithm.
    transfers : DataFrame
        What it has learnt from, and takes its tariffs from.
    miss : float
        In pounds, by the transfers that were kept aside.
    """

    booster: GradientBoostingRegressor
    transfers: pd.DataFrame
    miss: float = float("nan")


def portray(barns: pd.DataFrame, date: pd.Series, transfers: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Give each barn its numbers, and the sum that its valley alone would suggest."""
    tariff = floor_tariff(transfers, barns.assign(date=date))["pounds_per_sqft"]
    return assemble(barns, date, tariff), tariff * barns["floor_sqft"]


def apt(transfers: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.Series]:
    """Keep transfers that have a forerunner, with numbers and anchor."""
    proper = put_in_order(transfers)
    facts, anchor = portray(proper, proper["handover"], proper)
    ready = anchor.notna()
    return proper[ready], facts[ready], anchor[ready]


def new_booster() -> GradientBoostingRegressor:
    """Make trees that have learnt nothing yet, always the same ones."""
    return GradientBoostingRegressor(n_estimators=30, learning_rate=0.25, max_depth=4, random_state=SEED)


def fit(transfers: pd.DataFrame) -> Assayer:
    """Let trees learn from transfers."""
    proper, facts, anchor = apt(transfers)
    return Assayer(new_booster().fit(facts, np.log(proper["payment"] / anchor)), proper)


def forecast(assayer: Assayer, barns: pd.DataFrame, date: pd.Series) -> pd.Series:
    """Say in pounds what barns should go for; empty if there was no transfer before."""
    facts, anchor = portray(barns, date, assayer.transfers)
    return anchor * np.exp(assayer.booster.predict(np.nan_to_num(facts)))


def mean_miss(assayer: Assayer, transfers: pd.DataFrame) -> float:
    """How many pounds the forecasts are off, taken over all transfers."""
    forecasts = forecast(assayer, transfers, pd.to_datetime(transfers["handover"]))
    return float((forecasts - transfers["payment"]).abs().mean())


def save(assayer: Assayer, shelf: str | Path) -> None:
    """Lay it on a shelf."""
    joblib.dump(assayer, Path(shelf) / STORE)


def load(shelf: str | Path) -> Assayer:
    """Take it off a shelf."""
    assayer: Assayer = joblib.load(Path(shelf) / STORE)
    return assayer
