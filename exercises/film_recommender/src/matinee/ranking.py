"""Ranking: films for one viewer, best first."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matinee.model import Model


@dataclass(frozen=True)
class Ranking:
    """Films, best first, and why they are these."""

    source: str
    films: tuple[str, ...]


def rank(model: Model, shares: Mapping[str, float]) -> Ranking:
    """Rank films for a viewer, given how much of each film was watched."""
    known = {film: share for film, share in shares.items() if film in model.places}
    vectors = model.encoder[[model.places[film] for film in known]]
    taste = np.average(vectors, axis=0, weights=list(shares.values())[: len(vectors)])
    return Ranking("personal", model.index.nearest(taste, without=known))
