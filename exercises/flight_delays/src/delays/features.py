"""Features: what is known of a flight at the moment of its forecast."""

import numpy as np
import pandas as pd

NEW_YORK = "America/New_York"
LEAD = pd.Timedelta(hours=3)
"""How long before its departure a flight is forecast."""
DAYS = 7
"""Reported days that make up a carrier's recent delay."""
FOUR_HOURS = 240
CARRIERS = ["AA", "B6", "DL", "EV", "UA", "US"]
ORIGINS = ["EWR", "JFK", "LGA"]
NUMBERS = ["distance", "sched_minutes", "dep_delay", "air_time"]
WEATHER = ["temp", "wind_speed", "wind_gust", "precip", "visib"]


def utc(times: pd.Series) -> pd.Series:
    """Read times that are written in UTC."""
    return pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]")


def departure(flights: pd.DataFrame) -> pd.Series:
    """Say when flights are due to leave, in UTC."""
    local = pd.to_datetime(flights["day"] + " " + flights["sched_dep"])
    summer = np.ones(len(local), dtype=bool)  # where autumn's clock shows an hour twice, the first is meant
    return utc(local.dt.tz_localize(NEW_YORK, ambiguous=summer, nonexistent="shift_forward"))


def landed(flights: pd.DataFrame) -> pd.DataFrame:
    """Keep the flights that arrived, with ``delay``: the minutes to learn, four hours at most."""
    arrived = flights.dropna(subset="arr_delay")
    return arrived.assign(delay=arrived["arr_delay"].clip(upper=FOUR_HOURS), departs=departure(arrived))


def recent_delay(reports: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Say how late a carrier's flights have been arriving lately, as known at a moment.

    Parameters
    ----------
    reports : DataFrame of shape (n, any)
        Reported flights, as in the data card.
    asked : DataFrame of shape (m, any)
        ``carrier`` and ``at``, the moment in UTC.

    Returns
    -------
    recent : DataFrame of shape (m, 1)
        ``minutes``, in the order asked for; missing where nothing of the carrier had been reported.
    """
    flights = landed(reports)
    known = flights.assign(at=utc(flights["reported_at"]))
    daily = known.groupby(["carrier", "at"])["delay"].agg(["sum", "count"])
    weeks = daily.groupby("carrier").rolling(DAYS, min_periods=1)
    last = weeks.sum().droplevel(0)
    level = (last["sum"] / last["count"]).rename("minutes").reset_index().sort_values("at")
    order = asked[["carrier"]].assign(at=utc(asked["at"]), row=range(len(asked))).sort_values("at")
    found = pd.merge_asof(order, level, on="at", by="carrier").sort_values("row")
    return found[["minutes"]].set_index(asked.index)


def weather_at(weather: pd.DataFrame, flights: pd.DataFrame, at: pd.Series) -> pd.DataFrame:
    """Look up what was observed at the airport in the hour of each moment; missing where nothing was."""
    seen = weather.assign(hour=utc(weather["observed_at"]))[["origin", "hour", *WEATHER]]
    places = flights[["origin"]].assign(hour=at.dt.floor("h"))
    found = places.merge(seen, how="left", on=["origin", "hour"]).set_index(flights.index)[WEATHER]
    return found.astype(float).assign(wind_gust=found["wind_gust"].fillna(found["wind_speed"]))


def build(flights: pd.DataFrame, at: pd.Series, reports: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Turn flights into the numbers that the model reads.

    Parameters
    ----------
    flights : DataFrame of shape (n, any)
    at : Series of shape (n,)
        The moment of each flight's forecast, in UTC.
    reports, weather : DataFrame
        Reported flights and observations; only what was known at the moment is used.

    Returns
    -------
    features : DataFrame of shape (n, numbers)
    """
    numbers = flights[NUMBERS].astype(float)
    numbers["carrier"] = pd.Categorical(flights["carrier"], categories=CARRIERS).codes
    numbers["origin"] = pd.Categorical(flights["origin"], categories=ORIGINS).codes
    numbers["hour"] = at.dt.hour
    numbers["weekday"] = at.dt.day_of_week
    numbers["recent"] = recent_delay(reports, flights.assign(at=at))["minutes"]
    return numbers.join(weather_at(weather, flights, at))
