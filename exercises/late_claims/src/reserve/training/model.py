"""The model: a ridge regression of the logarithm of the cost, and a factor that makes the sum right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from reserve.common.errors import RegistryError, TooFewError
from reserve.common.settings import settings
from reserve.features.build import Features
from reserve.features.encode import Encoder, fitted
from reserve.training.examples import Example, costs_of, features_of

FORMAT = 2


@dataclass(frozen=True)
class Model:
    """A fitted model.

    Parameters
    ----------
    encoder : Encoder
    weights : list of float
        One for each column of the encoder.
    smearing : float
        The mean of a logarithm is not the logarithm of a mean: expected costs are larger by this factor.
    trained_on : str
        The day whose evening the examples are of.
    examples : int
    """

    encoder: Encoder
    weights: list[float]
    smearing: float
    trained_on: str
    examples: int

    def expected(self, features: Sequence[Features]) -> np.ndarray:
        """Return the expected cost of each claim."""
        logarithms = self.encoder.matrix(features) @ np.array(self.weights)
        return np.maximum(np.expm1(np.clip(logarithms, 0.0, 14.0)), 0.0) * self.smearing

    def written(self) -> str:
        """Write the model."""
        told = asdict(self) | {"encoder": self.encoder.told(), "format": FORMAT}
        return json.dumps(told, indent=1, sort_keys=True)

    def contributions(self, one: Features) -> dict[str, float]:
        """Say what each column adds to the logarithm of the cost of one claim, the largest first."""
        row = self.encoder.matrix([one])[0]
        parts = {name: float(a * b) for name, a, b in zip(self.encoder.columns, row, self.weights, strict=True)}
        return dict(sorted(parts.items(), key=lambda item: -abs(item[1])))


def read(text: str) -> Model:
    """Read a model.

    Raises
    ------
    RegistryError
        If it has another format, or weights for other columns.
    """
    told: dict[str, Any] = json.loads(text)
    if told.pop("format", None) != FORMAT:
        raise RegistryError(f"the model is not of format {FORMAT}")
    model = Model(encoder=Encoder(**told.pop("encoder")), **told)
    if len(model.weights) != len(model.encoder.columns):
        raise RegistryError("the model has weights for other columns")
    return model


def fit(many: Sequence[Example], day: str) -> Model:
    """Fit a model.

    Raises
    ------
    TooFewError
        If there are fewer examples than the settings ask for.
    """
    terms = settings().model
    if len(many) < terms.least_claims:
        raise TooFewError(f"{len(many)} claims, where {terms.least_claims} are needed")
    features, cost = features_of(many), costs_of(many)
    encoder = fitted(features)
    matrix = encoder.matrix(features)
    penalty = terms.penalty * np.eye(matrix.shape[1])
    penalty[0, 0] = 0.0
    weights = np.linalg.solve(matrix.T @ matrix + penalty + 1e-9 * np.eye(len(penalty)), matrix.T @ np.log1p(cost))
    plain = Model(encoder, [float(one) for one in weights], 1.0, day, len(many))
    told = float(plain.expected(features).sum())
    smearing = float(cost.sum()) / told if told else 1.0
    return Model(encoder, plain.weights, smearing, day, len(many))
