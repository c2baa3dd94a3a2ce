"""The card of a model: what it was fitted on, for whoever asks later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from reserve.common.money import euros
from reserve.training.examples import Example, costs_of
from reserve.training.model import Model


def card(model: Model, many: Sequence[Example]) -> dict[str, Any]:
    """Describe a model by its examples."""
    cost = costs_of(many)
    estimates = [one.features.estimate for one in many if one.features.estimate is not None]
    return {
        "trained_on": model.trained_on,
        "examples": len(many),
        "first_notified": min(one.features.notified_on for one in many),
        "last_notified": max(one.features.notified_on for one in many),
        "mean_cost": euros(cost.mean()),
        "median_cost": euros(np.median(cost)),
        "without_cost": int((cost == 0).sum()),
        "mean_estimate": euros(np.mean(estimates)) if estimates else None,
        "perils": dict(sorted(Counter(one.features.peril for one in many).items())),
        "smearing": round(model.smearing, 4),
    }
