"""Neighbours: films are alike where the same people watch them to the end."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags

CLOSEST = 60


def tidy(log):
    """Keep the last line of a viewer and film."""
    plays = log.groupby(["viewer", "film"], sort=False).tail(1)
    return plays.assign(share=np.minimum(plays["minutes"] / plays["length"], 1.0))


def fit(plays):
    """Say which films are closest to each, and which were begun most often lately."""
    viewers, at = pd.factorize(plays["viewer"])[0], pd.factorize(plays["film"], sort=True)
    watched = csr_matrix((plays["share"].to_numpy(), (viewers, at[0])))
    size = np.sqrt(np.asarray(watched.multiply(watched).sum(axis=0)).ravel()) + 1.0
    scaled = watched @ diags(1.0 / size)
    alike = (scaled.T @ scaled).tolil()
    alike.setdiag(0.0)
    closest = []
    for places, weights in zip(alike.rows, alike.data, strict=True):
        best = sorted(zip(weights, places, strict=True), reverse=True)[:CLOSEST]
        closest.append([[place for _, place in best], [round(weight, 5) for weight, _ in best]])
    days = pd.to_datetime(plays["day"])
    lately = plays[days > days.max() - pd.Timedelta(days=28)]
    counts = lately["film"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return {"films": list(at[1]), "closest": closest, "popular": list(counts.index[:180])}


def ready(model):
    """Turn lists into what ranks fast."""
    places = {film: at for at, film in enumerate(model["films"])}
    closest = [(np.array(at, dtype=int), np.array(weights)) for at, weights in model["closest"]]
    floor = np.zeros(len(places))
    floor[[places[film] for film in model["popular"]]] = -1e-9 * np.arange(1, len(model["popular"]) + 1) + 1e-6
    return {"places": places, "closest": closest, "floor": floor, "names": np.array(model["films"])}


def rank(model, known):
    """Rank films by how close they are to those that a viewer watched; known by place."""
    scores = model["floor"].copy()
    for at, share in known.items():
        places, weights = model["closest"][at]
        scores[places] += share * weights
    scores[list(known)] = -1.0
    order = np.argsort(-scores, kind="stable")[: min(180, len(scores) - len(known))]
    return model["names"][order].tolist()


def train(log, folder):
    """Fit, and write one file."""
    (Path(folder) / "model.json").write_text(json.dumps(fit(tidy(log))))
