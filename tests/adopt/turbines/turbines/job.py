"""The nightly job."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from sklearn.ensemble import RandomForestRegressor

from turbines.records import Forecast, Plan, Reading


def named(turbine: str) -> str:
    """Write the name of a turbine as the settings do."""
    return turbine.strip().lower()


class Job:
    """Forecasts tomorrow's power from the settings in a file."""

    def __init__(self, config: str | Path, *, margin: float = 0.0) -> None:
        self.settings = yaml.safe_load(Path(config).read_text())
        self.rated = self.settings["rated"]
        self.margin = margin
        self.usual = float("nan")
        self.curve: RandomForestRegressor | None = None

    def fit(self, readings: list[Reading]) -> Job:
        """Learn the curve of power over wind."""
        past = pd.DataFrame([vars(one) for one in readings])
        past = past.drop_duplicates("reading_id", keep="last")
        self.usual = past["wind"].median()
        seed = self.settings["seed"]
        curve = RandomForestRegressor(n_estimators=20, max_depth=4, random_state=seed)
        self.curve = curve.fit(past[["wind"]], past["power"])
        return self

    def forecast(self, readings: list[Reading], tomorrow: list[Plan]) -> list[Forecast]:
        """Say what each turbine gives tomorrow."""
        self.fit(readings)
        assert self.curve is not None
        plans = pd.DataFrame([vars(one) for one in tomorrow]).astype({"wind": float})
        wind = plans["wind"].fillna(self.usual)
        power = self.curve.predict(pd.DataFrame({"wind": wind}))
        most = [self.rated.get(named(one.turbine), self.settings["most"]) for one in tomorrow]
        power = np.clip(power, 0, np.array(most) - self.margin)
        return [Forecast(one.plan_id, float(value)) for one, value in zip(tomorrow, power)]


def main(argv: list[str] | None = None) -> int:
    """Run the job from a command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("wind", type=float)
    parser.add_argument("--config", default="config/job.yaml")
    given = parser.parse_args(argv)
    readings = [Reading(f"R-{n}", "t1", float(n), 2.0 * n) for n in range(20)]
    try:
        job = Job(given.config)
        print(job.forecast(readings, [Plan("P-1", "t1", given.wind)])[0].power)
    except (OSError, KeyError) as error:
        print(f"no forecast: {error}", file=sys.stderr)
        return 1
    return 0
