"""The model: one ridge regression for all feeders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feedcast.common.errors import RegistryError, TooLittleError
from feedcast.common.settings import settings
from feedcast.features.build import Example, Hour
from feedcast.training.columns import NAMES, columns
from feedcast.training.shapes import Shapes, shapes

FORM = 3


@dataclass(frozen=True)
class Model:
    """What has been learnt.

    Parameters
    ----------
    shapes : Shapes
    weights : dict of str to float
        By the name of a column.
    """

    shapes: Shapes
    weights: dict[str, float]

    def load(self, of: Hour) -> float | None:
        """Forecast an hour, in kilowatts; none where the feeder is not known."""
        numbers = columns(of, self.shapes)
        scale = self.shapes.scale(of.feeder_id)
        if numbers is None or scale is None:
            return None
        weighted = sum(self.weights[name] * value for name, value in zip(NAMES, numbers, strict=True))
        return round(weighted * scale, 3)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is written."""
        return {
            "form": FORM,
            "weights": self.weights,
            "scales": self.shapes.scales,
            "usual": self.shapes.usual,
        }


def fit(examples: Sequence[Example]) -> Model:
    """Fit a model.

    Raises
    ------
    TooLittleError
        If there are fewer examples than the settings ask for.
    """
    own = settings().learning
    if len(examples) < own.least_examples:
        raise TooLittleError(f"{len(examples)} examples, where {own.least_examples} are the least")
    known = shapes(examples)
    numbers, loads = [], []
    for one in examples:
        line, scale = columns(one.features, known), known.scale(one.features.feeder_id)
        if line is not None and scale is not None:
            numbers.append(line)
            loads.append(one.load / scale)
    matrix, target = np.array(numbers), np.array(loads)
    ridge = own.penalty * np.eye(matrix.shape[1])
    ridge[0, 0] = 0.0
    weights = np.linalg.solve(matrix.T @ matrix + ridge, matrix.T @ target)
    return Model(known, {name: float(value) for name, value in zip(NAMES, weights, strict=True)})


def read(content: Mapping[str, Any]) -> Model:
    """Read a model as it was written.

    Raises
    ------
    RegistryError
        If it has another form.
    """
    if content.get("form") != FORM or set(content["weights"]) != set(NAMES):
        raise RegistryError(f"a model of form {content.get('form')!r} cannot be read, only of form {FORM}")
    return Model(
        Shapes(dict(content["scales"]), dict(content["usual"])),
        {name: float(value) for name, value in content["weights"].items()},
    )
