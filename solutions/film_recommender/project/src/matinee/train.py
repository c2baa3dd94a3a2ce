"""Train: from the player's log to a model that can be published."""

from pathlib import Path

import pandas as pd

from matinee.model import fit, save
from matinee.plays import popularity, tidy


def train(log: pd.DataFrame, folder: str | Path) -> None:
    """Fit a model on the player's log, and write it into a folder."""
    plays = tidy(log)
    save(fit(plays, popularity(plays)), folder)
