"""Features: everything that is known of a flight at a moment."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEAD = pd.Timedelta(hours=3)
ZONE = "America/New_York"
WEATHER = ["temp", "wind_speed", "wind_gust", "precip", "visib"]
COLUMNS = ["carrier", "origin", "hour", "weekday", "distance", "recent", *WEATHER]


def in_utc(values) -> pd.DatetimeIndex:
    """Read times in UTC."""
    return pd.DatetimeIndex(pd.to_datetime(pd.Series(list(values), dtype=object), utc=True)).as_unit("us")


def departures(flights: pd.DataFrame) -> pd.DatetimeIndex:
    """Departures in UTC, from the timetable of New York."""
    local = pd.DatetimeIndex([f"{day} {time}" for day, time in zip(flights["day"], flights["sched_dep"])])
    return local.tz_localize(ZONE, ambiguous=np.zeros(len(local), dtype=bool), nonexistent="shift_forward").tz_convert("UTC").as_unit("us")


@dataclass
class Knowledge:
    """Reports and observations, which can be asked for what was known at a moment."""

    reports: pd.DataFrame
    weather: pd.DataFrame

    def __post_init__(self):
        arrived = self.reports[self.reports["arr_delay"].notna()]
        table = pd.DataFrame(
            {
                "carrier": arrived["carrier"].to_numpy(),
                "known": in_utc(arrived["reported_at"]),
                "minutes": np.minimum(arrived["arr_delay"].to_numpy(dtype=float), 240.0),
            }
        )
        self.by_carrier = {
            name: group.groupby("known")["minutes"].agg(["sum", "count"]) for name, group in table.groupby("carrier")
        }

    def recent(self, carrier: str, at: pd.Timestamp) -> float:
        """Mean delay of a carrier over the last seven days reported by then."""
        days = self.by_carrier.get(carrier)
        if days is None:
            return np.nan
        last = days[days.index <= at].tail(7).sum()
        return last["sum"] / last["count"] if last["count"] else np.nan

    def describe(self, flights: pd.DataFrame, at: pd.DatetimeIndex) -> pd.DataFrame:
        """Describe flights as known at their moments."""
        keys = pd.MultiIndex.from_arrays([flights["origin"], at.floor("h")])
        seen = self.weather.assign(observed_at=in_utc(self.weather["observed_at"]))
        seen = seen.set_index(["origin", "observed_at"])[WEATHER].astype(float).reindex(keys).reset_index(drop=True)
        seen["wind_gust"] = seen["wind_gust"].fillna(seen["wind_speed"])
        own = pd.DataFrame(
            {
                "carrier": flights["carrier"].astype(str).to_numpy(),
                "origin": flights["origin"].astype(str).to_numpy(),
                "hour": [int(time[:2]) for time in flights["sched_dep"]],
                "weekday": pd.DatetimeIndex(flights["day"]).day_of_week,
                "distance": flights["distance"].astype(float).to_numpy(),
                "recent": [self.recent(*pair) for pair in zip(flights["carrier"], at)],
            }
        )
        return own.join(seen)[COLUMNS]


def recent_delay(reports: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Say how late a carrier's flights have been arriving lately, as known at a moment."""
    known = Knowledge(reports, pd.DataFrame(columns=["origin", "observed_at", *WEATHER]))
    return pd.DataFrame({"minutes": [known.recent(*pair) for pair in zip(asked["carrier"], in_utc(asked["at"]))]})
