"""Comparing two versions on the same claims, for whoever has to promote one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reserve.common.money import share
from reserve.registry import store
from reserve.training.examples import Example, costs_of, features_of


@dataclass(frozen=True)
class Compared:
    """What two versions expect of some claims."""

    older: str
    newer: str
    claims: int
    error_older: float
    error_newer: float
    ratio: float
    largest: tuple[tuple[str, float, float], ...]

    def text(self) -> str:
        """Write the comparison for people."""
        lines = [
            f"{self.claims} claims",
            f"mean error of {self.older} {self.error_older:.0f}, of {self.newer} {self.error_newer:.0f}",
            f"{self.newer} expects {self.ratio:.3f} times what {self.older} does",
        ]
        lines += [f"{claim}: {before:.0f} and {after:.0f}" for claim, before, after in self.largest]
        return "\n".join(lines)


def compared(registry: str | Path, older: str, newer: str, many: Sequence[Example], show: int = 5) -> Compared:
    """Compare two versions on examples, without calibrations.

    Claims that one of the two was fitted on flatter it: take examples from after both trainings.
    """
    features, cost = features_of(many), costs_of(many)
    before, after = (store.load(registry, version).expected(features) for version in (older, newer))
    order = np.argsort(-np.abs(after - before))[:show]
    return Compared(
        older=older,
        newer=newer,
        claims=len(many),
        error_older=float(np.abs(before - cost).mean()) if len(many) else 0.0,
        error_newer=float(np.abs(after - cost).mean()) if len(many) else 0.0,
        ratio=share(float(after.sum()), float(before.sum())),
        largest=tuple((features[at].claim_id, float(before[at]), float(after[at])) for at in order),
    )
