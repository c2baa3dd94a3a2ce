"""Train: from the loans of the past to a scorecard."""

from pathlib import Path

import pandas as pd

from credit.figures import FIGURES, figures
from credit.scorecard import fit, save
from credit.store import Store, read


def loans(store: Store) -> pd.DataFrame:
    """List the loans whose outcome is known, with the figures behind them."""
    decided = store.applications.merge(store.decisions.dropna(subset=["defaulted"]), on="application_id")
    return figures(store, decided)


def training_table(store: str | Path) -> pd.DataFrame:
    """Return what a scorecard is fitted on, one line for each loan whose outcome is known.

    Parameters
    ----------
    store : path
        The folder of the store.

    Returns
    -------
    examples : DataFrame of shape (n, 7)
        ``application_id``, the figures, and ``defaulted`` (0 or 1).
    """
    return loans(read(store))[["application_id", *FIGURES, "defaulted"]]


def train(store: str | Path, model: str | Path) -> None:
    """Fit a scorecard on the loans of the past, and save it into the folder ``model``."""
    save(fit(training_table(store).drop(columns="application_id")), model)
