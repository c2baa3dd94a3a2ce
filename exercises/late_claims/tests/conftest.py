import json
import sqlite3
from pathlib import Path

import pytest

from reserve.common import database, days

DAY = "2026-03-02"


def body(claim, amount):
    lines = [{"kind": "parts", "amount": round(amount * 0.4, 2)}, {"kind": "labour", "amount": round(amount * 0.6, 2)}]
    return json.dumps({"gde": "3.1", "claim": claim, "currency": "EUR", "lines": lines})


def add(connection, number, notified_on, settled=True):
    """Add a claim; the larger its number, the more it costs."""
    claim, amount = f"C25-{number:06d}", 300.0 + 25 * number
    peril, region = ("collision", "glass", "hail")[number % 3], ("city", "coast")[number % 2]
    row = (claim, f"P{number}", f"K{number}", notified_on, f"AB{number:03d}XY", peril, region)
    connection.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("INSERT INTO vehicles VALUES (?, '2019-05-01', ?)", (row[4], 60 + number))
    connection.execute(
        "INSERT INTO policy_terms (policy_id, valid_from, no_claims_years, excess, written_on) VALUES (?, ?, ?, ?, ?)",
        (row[1], days.plus(notified_on, -40), number % 9, 300.0, days.plus(notified_on, -40)),
    )
    connection.execute(
        "INSERT INTO raw_messages VALUES (?, ?, 'lindt', 'estimate', ?, ?)",
        (f"M{number}", f"{notified_on}T10:00:00", claim, body(claim, amount)),
    )
    events = [("opened", notified_on)] + ([("settled", days.plus(notified_on, 50))] if settled else [])
    for event, day in events:
        connection.execute(
            "INSERT INTO claim_events (claim_id, happened_on, event) VALUES (?, ?, ?)", (claim, day, event)
        )
    if settled:
        connection.execute(
            "INSERT INTO payments (claim_id, booked_on, amount, booking_ref) VALUES (?, ?, ?, ?)",
            (claim, days.plus(notified_on, 30), amount * 1.1, f"B{number}"),
        )


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A database with sixty claims of 2025 and four of the day."""
    place = tmp_path / "data"
    place.mkdir()
    database.migrate(place, "2026-01-01")
    with database.writing(place) as connection:
        for number in range(60):
            add(connection, number, days.plus("2025-03-01", 3 * number))
        for number in range(60, 64):
            add(connection, number, DAY, settled=False)
    return str(place)


@pytest.fixture
def registry(tmp_path: Path) -> str:
    place = tmp_path / "registry"
    place.mkdir()
    return str(place)


@pytest.fixture
def connection(folder: str):
    with database.writing(folder) as found:
        found.row_factory = sqlite3.Row
        yield found
