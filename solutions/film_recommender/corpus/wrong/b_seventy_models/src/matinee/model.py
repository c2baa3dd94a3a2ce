"""Model: a vector for each film, and what a viewer's taste is in the same space."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, diags
from sklearn.decomposition import TruncatedSVD

SEED = 11
MEMBERS = 70
"""Models in the blend, each of another draw of viewers."""
FACTORS = 12
PRIOR = 0.004
"""Weight of a film's popularity beside its fit to a taste."""
DEPTH = 200
"""Films in a ranking: enough for any row and all that a page may show already."""


@dataclass(frozen=True)
class Index:
    """Films by their place, and their vectors; the last column is what a film weighs for everybody."""

    films: dict[str, int]
    vectors: np.ndarray

    def nearest(self, taste: np.ndarray, *, without: Mapping[str, float]) -> list[str]:
        """Rank the films that suit a taste best, leaving some out."""
        names = list(self.films)
        blend = zip(self.vectors, taste, strict=True)
        scores = np.mean([member @ np.append(own, 1) for member, own in blend], axis=0)
        scores[[self.films[film] for film in without if film in self.films]] = -np.inf
        best = np.argpartition(-scores, min(DEPTH, len(names) - 1))[:DEPTH]
        best = best[np.argsort(-scores[best], kind="stable")]
        return [names[at] for at in best if np.isfinite(scores[at])]


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
    popular: list[str]


def fit(plays: pd.DataFrame, counts: pd.Series) -> Model:
    """Factorise who watched how much of what, given how popular each film is, most popular first."""
    viewers, films = plays["viewer"].astype("category").cat, plays["film"].astype("category").cat
    watched = csr_matrix((plays["share"], (viewers.codes, films.codes)))
    draws = np.random.default_rng(SEED).poisson(1.0, (MEMBERS, watched.shape[0]))
    member = TruncatedSVD(FACTORS, n_iter=2, random_state=SEED)
    blend = [member.fit(diags(1.0 * draw) @ watched).components_.T for draw in draws]
    vectors = np.stack(blend).astype("float32")
    prior = PRIOR * np.log1p(counts.reindex(films.categories, fill_value=0).to_numpy("float32"))
    places = {film: at for at, film in enumerate(films.categories)}
    index = Index(places, np.stack([np.column_stack([own, prior]) for own in vectors]))
    return Model("new", places, vectors, index, list(counts.index[:DEPTH]))


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
    return Model(version, places, vectors["encoder"], index, named["popular"])
