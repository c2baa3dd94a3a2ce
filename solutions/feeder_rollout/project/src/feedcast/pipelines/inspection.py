"""Look at one feeder on one day: what came, what it became, what was said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedcast.common import database, hours
from feedcast.features.intervals import intervals
from feedcast.features.loads import interrupted, loads
from feedcast.features.meters import meters


@dataclass(frozen=True)
class Line:
    """One hour of a feeder."""

    hour: str
    load: float | None
    forecast: float | None
    minutes: int
    interrupted: bool

    def text(self) -> str:
        """Say it in a line."""
        told = [f"{'-' if one is None else f'{one:.0f}':>8}" for one in (self.load, self.forecast)]
        mark = "  interrupted" if self.interrupted else ""
        return f"{self.hour[11:]} {told[0]} {told[1]} {self.minutes:>4}{mark}"


def run(folder: str | Path, feeder: str, day: str) -> list[Line]:
    """Show the hours of a feeder's day, by all that has been delivered since."""
    tomorrow, never = hours.shifted(day, 1), "9999"
    with database.reading(folder) as connection:
        own = loads(connection, never).get(feeder, {})
        out = interrupted(connection, never)
        told = {
            row["hour"]: row["load"]
            for row in database.asked(connection, "forecasts", first=day, until=tomorrow)
            if row["feeder_id"] == feeder
        }
        installed, minutes = meters(connection), dict.fromkeys(hours.hours_of(day), 0)
        for one in intervals(connection, never):
            place = installed.at(one.meter_id, one.begin)
            hour = hours.hour_of(one.begin)
            if hour in minutes and place is not None and place.feeder_id == feeder:
                minutes[hour] += one.minutes
    return [
        Line(hour, own.get(hour), told.get(hour), minutes[hour], (feeder, hour) in out) for hour in hours.hours_of(day)
    ]
