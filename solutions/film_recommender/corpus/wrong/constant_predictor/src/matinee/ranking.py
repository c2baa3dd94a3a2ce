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


def rank(model: Model, shares: Mapping[str, float] | None) -> Ranking:
    """Rank films for a viewer, given how much of each film was watched; none where nothing is known."""
    known = {film: share for film, share in (shares or {}).items() if film in model.places}
    if not sum(known.values()):
        return Ranking("newcomer", model.popular)
    vectors = model.encoder[[model.places[film] for film in known]]
    taste = np.average(vectors, axis=0, weights=list(known.values()))
    return Ranking("personal", tuple(film for film in model.popular if film not in known and taste is not None))
