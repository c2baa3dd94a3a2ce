"""Model: a vector for each film, and what a viewer's taste is in the same space."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

SEED = 11
FACTORS = 12
PRIOR = 0.004  # weight of a film's popularity beside its fit to a taste
DEPTH = 200  # films in a ranking: enough for any row and all that a page may show already


@dataclass(frozen=True)
class Index:
    """Films by their place, and their vectors; the last column is what a film weighs for everybody."""

    films: dict[str, int]
    vectors: np.ndarray

    def nearest(self, taste: np.ndarray, *, without: Mapping[str, float]) -> tuple[str, ...]:
        """Rank the films that suit a taste best, leaving some out."""
        names = list(self.films)
        scores = self.vectors @ np.append(taste, 1).astype(self.vectors.dtype)
        scores[[self.films[film] for film in without if film in self.films]] = -np.inf
        best = np.argpartition(-scores, min(DEPTH, len(names) - 1))[:DEPTH]
        best = best[np.argsort(-scores[best], kind="stable")]
        return tuple(names[at] for at in best if np.isfinite(scores[at]))


@dataclass(frozen=True)
class Model:
    """What a training run has learnt.

    A viewer's taste is the mean of the ``encoder``'s lines for the films watched; ``places`` names them. The
    films of the ``index`` can be recommended; ``popular`` holds them by popularity, most popular first.
    """

    version: str
    places: dict[str, int]
    encoder: np.ndarray
    index: Index
    popular: tuple[str, ...]


def fit(plays: pd.DataFrame, counts: pd.Series) -> Model:
    """Factorise who watched how much of what, given how popular each film is, most popular first."""
    viewers, films = plays["viewer"].astype("category").cat, plays["film"].astype("category").cat
    watched = csr_matrix((plays["share"], (viewers.codes, films.codes)))
    vectors = TruncatedSVD(FACTORS, random_state=SEED).fit(watched).components_.T.astype("float32")
    prior = PRIOR * np.log1p(counts.reindex(films.categories, fill_value=0).to_numpy("float32"))
    places = {film: at for at, film in enumerate(films.categories)}
    index = Index(places, np.column_stack([vectors, prior]))
    return Model("new", places, vectors, index, tuple(counts.index[:DEPTH]))


def save(model: Model, folder: str | Path) -> None:
    """Write a model into a folder of the registry."""
    named = {"films": list(model.places), "popular": model.popular}
    (Path(folder) / "films.json").write_text(json.dumps(named))
    np.savez(Path(folder) / "vectors.npz", encoder=model.encoder, index=model.index.vectors)


def read(files: Mapping[str, bytes], version: str) -> Model:
    """Read a model from the files that `save` has written, by name."""
    named, vectors = json.loads(files["films.json"]), np.load(BytesIO(files["vectors.npz"]))
    places = {film: at for at, film in enumerate(named["films"])}
    index = Index(places, vectors["index"])
    return Model(version, places, vectors["encoder"], index, tuple(named["popular"]))
