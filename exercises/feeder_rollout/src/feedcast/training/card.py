"""The card of a version: what it learnt from, how good it was, and what it needs to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feedcast.features.build import Example
from feedcast.training.backtest import Backtest
from feedcast.training.model import FORM


def card(version: str, day: str, examples: Sequence[Example], judged: Backtest | None) -> dict[str, Any]:
    """Write the card of a version."""
    moments = [one.features.hour for one in examples]
    return {
        "version": version,
        "trained_on": day,
        "form": FORM,
        "examples": len(examples),
        "first_hour": min(moments),
        "last_hour": max(moments),
        "feeders": sorted({one.features.feeder_id for one in examples}),
        "error_share": None if judged is None else round(judged.share, 4),
        "mean_error_kw": None if judged is None else round(judged.mean_error, 2),
    }
