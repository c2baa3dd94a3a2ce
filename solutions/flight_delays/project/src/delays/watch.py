"""Watch: when somebody is woken because the forecasts have gone wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from delays.features import landed, utc

FILE = "typical_error.json"
NEWEST = 0.2  # share of the flights by which the typical error is measured
TOLERATED = 2.0
LAST, ENOUGH = 300, 20  # flights by which the error is judged, requests by which the feed is


def note_typical_error(
    fit: Callable[..., Any], features: pd.DataFrame, known: pd.DataFrame, folder: str | Path
) -> None:
    """Write by how many minutes forecasts of the newest flights miss, learnt from those before."""
    newest = known["departs"] >= known["departs"].quantile(1 - NEWEST)
    trial = fit(features[~newest], known.loc[~newest, "delay"])
    missed = (known.loc[newest, "delay"] - trial.predict(features[newest])).abs().mean()
    (Path(folder) / FILE).write_text(json.dumps(float(missed)))


def pages(folder: str | Path, answers: list[Any], reports: pd.DataFrame, now: Any) -> list[dict[str, Any]]:
    """Say why somebody is woken: the last errors are large, or most flights lack their weather."""
    typical = json.loads((Path(folder) / FILE).read_text())
    come = landed(reports[utc(reports["reported_at"]) <= now])
    told = come.dropna(subset="forecast").sort_values("reported_at", kind="stable").tail(LAST)
    missed = (told["delay"] - told["forecast"]).abs().mean()
    blind = sum(answer["status"] == "no_weather" for answer in answers)
    found = {
        "error": len(told) == LAST and missed > TOLERATED * typical,
        "weather": len(answers) >= ENOUGH and blind > len(answers) / 2,
    }
    return [{"kind": kind} for kind, holds in found.items() if holds]
