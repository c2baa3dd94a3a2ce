import json

import pytest

from feedcast.common import database, hours
from feedcast.common.errors import DeliveryError, SettingsError
from feedcast.common.settings import made
from feedcast.features.meters import Installation, Meters
from feedcast.forecast import advice
from feedcast.forecast.reserves import quantile
from feedcast.ingest import deliveries
from feedcast.ingest.headers import parsed
from feedcast.monitoring.quality import longest_run
from feedcast.pipelines import housekeeping
from feedcast.release.watch import Counts, grown


def test_touched_hours():
    assert list(hours.touched("2026-03-01T10:30", "2026-03-01T12:00")) == ["2026-03-01T10:00", "2026-03-01T11:00"]


@pytest.mark.parametrize("header", ["[]", "x", '{"cadence": 7}', '{"scale": 0}', '{"zone": "CET"}'])
def test_a_bad_header_is_refused(header):
    with pytest.raises(DeliveryError):
        parsed(header)


def test_a_header_has_a_scale():
    assert parsed(json.dumps({"cadence": 15, "scale": 0.1})).scale == 0.1


def test_a_replaced_meter_has_two_places():
    there = Meters(
        [
            Installation(1, "A1", 20.0, "2026-03-01T00:00", "2026-03-05T10:00"),
            Installation(2, "A1", 40.0, "2026-03-05T10:00", "9999-12-31T00:00"),
        ]
    )
    assert there.at(1, "2026-03-05T10:00") is None
    assert there.at(2, "2026-03-05T10:00").factor == 40.0
    assert there.minutes_of("A1", "2026-03-05T09:00") == 60


def test_a_counter_that_began_anew_is_counted_from_nothing():
    assert grown({"a": Counts(100, 5)}, {"a": Counts(40, 1)}) == Counts(40, 1)


def test_a_file_that_cannot_be_read_stays(data, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "1.json").write_text("{}")
    taken = deliveries.take(data, inbox)
    assert (taken.deliveries, len(taken.refused)) == (0, 1)
    assert (inbox / "1.json").is_file()


def test_unknown_settings_are_refused():
    with pytest.raises(SettingsError):
        made({"learning": {}})


def test_runs_and_quantiles():
    assert longest_run([1.0, 1.0, 2.0, 2.0, 2.0]) == 3
    assert quantile([0.0, 10.0], 0.25) == 2.5


def test_versions_that_something_runs_stay(tmp_path):
    for number in range(1, 12):
        (tmp_path / "registry" / "versions" / f"v{number}").mkdir(parents=True)
        (tmp_path / "registry" / "versions" / f"v{number}" / "card.json").write_text("{}")
    removed = housekeeping.run(tmp_path / "logs", tmp_path / "registry", ["v2"], "2026-06-01")
    assert removed.versions == ["v1", "v3"]


def test_a_second_evening_replaces_the_advice_of_the_first(data):
    one = advice.Advice("A1", "2026-04-01T17:00", "2026-04-01T19:00")
    for _ in range(2):
        advice.give(data, "2026-03-31", [one])
    with database.reading(data) as connection:
        assert connection.execute("SELECT COUNT(*) FROM relief").fetchone()[0] == 1
