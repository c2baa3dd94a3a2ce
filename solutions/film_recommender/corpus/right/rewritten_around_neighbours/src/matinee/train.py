"""Neighbours: films are alike where the same people watch them to the end."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def tidy(log):
    """Keep the last line of a viewer and film."""
    plays = log.groupby(["viewer", "film"], sort=False).tail(1)
    return plays.assign(share=np.minimum(plays["minutes"] / plays["length"], 1.0))


def fit(plays):
    """Say how alike films are, and which were begun most often lately."""
    table = plays.pivot(index="viewer", columns="film", values="share").fillna(0.0)
    watched = table.to_numpy()
    size = np.sqrt((watched**2).sum(axis=0)) + 1.0
    alike = (watched.T @ watched) / np.outer(size, size)
    np.fill_diagonal(alike, 0.0)
    days = pd.to_datetime(plays["day"])
    lately = plays[days > days.max() - pd.Timedelta(days=28)]
    counts = lately["film"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return {"films": list(table.columns), "alike": alike.round(5).tolist(), "popular": list(counts.index[:180])}


def train(log, folder):
    """Fit, and write one file."""
    (Path(folder) / "model.json").write_text(json.dumps(fit(tidy(log))))
