import json

import pytest

from feedcast.common import database, hours

FIRST = "2026-03-02"
DAYS = 24


def load(feeder, moment):
    clock = hours.clock_hour(moment)
    weekend = hours.weekday(hours.day_of(moment)) >= 5
    usual = (0.6 + 0.4 * (7 <= clock <= 20)) * (0.7 if weekend else 1.0) * (1 + 0.001 * (7 * clock % 24))
    return (400.0 if feeder == "A1" else 900.0) * usual


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    database.migrate(folder)
    with database.writing(folder) as connection:
        for feeder in ("A1", "B2"):
            connection.execute("INSERT INTO feeders VALUES (?, 'Elm', 'homes', 1000)", (feeder,))
        connection.execute(
            "INSERT INTO installations (meter_id, feeder_id, factor, from_at) VALUES (1, 'A1', 20, ?)", (FIRST,)
        )
        connection.execute(
            "INSERT INTO installations (meter_id, feeder_id, factor, from_at) VALUES (2, 'B2', 1, ?)", (FIRST,)
        )
        for number in range(DAYS):
            day = hours.shifted(FIRST, number)
            header = json.dumps({"seq": number, "cadence": 60, "scale": 1, "zone": "UTC"})
            connection.execute(
                "INSERT INTO deliveries VALUES (?, 'hafen', ?, ?)",
                (number, f"{hours.shifted(day, 1)}T02:00", header),
            )
            for moment in hours.hours_of(day):
                connection.execute(
                    "INSERT INTO readings VALUES (?, 1, ?, ?)", (number, moment, load("A1", moment) / 20)
                )
                connection.execute("INSERT INTO readings VALUES (?, 2, ?, ?)", (number, moment, load("B2", moment)))
    return folder


@pytest.fixture
def registry(tmp_path):
    folder = tmp_path / "registry"
    folder.mkdir()
    return folder


@pytest.fixture
def evening():
    return hours.shifted(FIRST, DAYS)
