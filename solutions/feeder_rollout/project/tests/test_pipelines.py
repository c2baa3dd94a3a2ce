import pytest
from conftest import load

from feedcast.common import database, hours
from feedcast.forecast import advice
from feedcast.pipelines import forecast, inspection, training, weekly


def test_the_table_has_the_loads(data, evening):
    rows = training.table(str(data), evening)
    assert len(rows) == 2 * 24 * 17
    assert all(row["load"] == pytest.approx(load(row["feeder_id"], row["hour"])) for row in rows)


def test_what_came_later_is_not_known(data, evening):
    rows = training.table(str(data), hours.shifted(evening, -3))
    assert max(row["hour"] for row in rows) == hours.shifted(evening, -4) + "T23:00"


def test_an_outage_is_left_out(data, evening):
    day = hours.shifted(evening, -3)
    with database.writing(data) as connection:
        connection.execute("INSERT INTO switching VALUES (1, 'A1', ?, ?, 'outage')", (f"{day}T10:30", f"{day}T12:00"))
    told = {row["hour"] for row in training.table(str(data), evening) if row["feeder_id"] == "A1"}
    assert {hour for hour in hours.hours_of(day) if hour not in told} == {f"{day}T10:00", f"{day}T11:00"}


def test_a_missing_hour_is_left_out(data, evening):
    with database.writing(data) as connection:
        connection.execute("DELETE FROM readings WHERE meter_id = 2 AND stamp LIKE '%T05:00'")
    hours_of_b = {row["hour"][11:] for row in training.table(str(data), evening) if row["feeder_id"] == "B2"}
    assert "05:00" not in hours_of_b


def test_forecasts_are_near(data, registry, evening):
    version = training.run(str(data), str(registry), evening)
    rows = forecast.run(str(data), str(registry), version, evening)
    assert len(rows) == 48
    for row in rows:
        assert row["load"] == pytest.approx(load(row["feeder_id"], row["hour"]), rel=0.1)


def test_the_weekly_look_has_an_error(data, registry, evening, tmp_path):
    version = training.run(str(data), str(registry), hours.shifted(evening, -4))
    for back in (4, 3, 2):
        rows = forecast.run(str(data), str(registry), version, hours.shifted(evening, -back))
        forecast.keep(str(data), rows)
    lines = weekly.run(data, tmp_path / "out", evening)
    assert lines[1].startswith("error share 0.")


def test_a_day_can_be_inspected(data, evening):
    lines = inspection.run(str(data), "A1", hours.shifted(evening, -2))
    assert [line.minutes for line in lines] == [60] * 24


def test_advice_joins_hours_and_ends():
    rows = [{"feeder_id": "A1", "hour": f"2026-04-01T{hour}:00", "load": 950.0} for hour in range(16, 21)]
    found = advice.advised(rows, {"A1": 1000.0})
    assert [(one.from_at, one.until_at) for one in found] == [("2026-04-01T16:00", "2026-04-01T19:00")]
