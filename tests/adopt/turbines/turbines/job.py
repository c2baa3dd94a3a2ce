"""The nightly job."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np

from turbines.records import Forecast, Reading


class Job:
    """Forecasts tomorrow's power from the settings in a file."""

    def __init__(self, config: str | Path, *, margin: float = 0.0) -> None:
        self.settings = tomllib.loads(Path(config).read_text())
        self.margin = margin
        self._curve: np.ndarray | None = None

    def fit(self, readings: list[Reading]) -> Job:
        """Learn the curve of power over wind."""
        known = [one for one in readings if one.power is not None]
        wind = np.array([one.wind for one in known])
        self._curve = np.polyfit(wind, [one.power for one in known], self.settings["degree"])
        return self

    def forecast(self, readings: list[Reading], tomorrow: list[Reading]) -> list[Forecast]:
        """Say what each turbine gives tomorrow."""
        self.fit(readings)
        assert self._curve is not None
        most = self.settings["most"] - self.margin
        power = np.clip(np.polyval(self._curve, [one.wind for one in tomorrow]), 0, most)
        return [Forecast(one.turbine, float(value)) for one, value in zip(tomorrow, power)]


def main(argv: list[str] | None = None) -> int:
    """Run the job from a command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("wind", type=float)
    given = parser.parse_args(argv)
    readings = [Reading("T1", float(n), 2.0 * n) for n in range(10)]
    job = Job("config/job.toml")
    print(job.forecast(readings, [Reading("T1", given.wind)])[0].power)
    return 0
