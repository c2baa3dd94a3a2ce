"""Take the deliveries of the head-ends: files of JSON, one for each delivery."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedcast.common import database
from feedcast.common.errors import DeliveryError
from feedcast.ingest.headers import parsed

TEXTS = ("head_end", "received_at")


@dataclass(frozen=True)
class Taken:
    """What came of the files of a folder."""

    deliveries: int
    readings: int
    refused: tuple[str, ...]


def take(folder: str | Path, inbox: str | Path) -> Taken:
    """Load the files of an inbox in the order of their names; a file that cannot be read is left where it is."""
    count, lines, refused = 0, 0, []
    for path in sorted(Path(inbox).glob("*.json")):
        try:
            told = _told(path)
            with database.writing(folder) as connection:
                lines += _stored(connection, told)
        except DeliveryError as error:
            refused.append(f"{path.name}: {error}")
            continue
        count += 1
        path.rename(path.with_suffix(".taken"))
    return Taken(count, lines, tuple(refused))


def _told(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DeliveryError(f"it is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise DeliveryError("it is no object")
    missing = {"head_end", "received_at", "header", "readings"} - set(told)
    if missing:
        raise DeliveryError(f"it lacks {', '.join(sorted(missing))}")
    if not isinstance(told["readings"], list) or not all(isinstance(told[name], str) for name in TEXTS):
        raise DeliveryError("its fields are of other kinds than those of a delivery")
    parsed(json.dumps(told["header"]))
    return told


def _stored(connection: sqlite3.Connection, told: dict[str, Any]) -> int:
    rows = [_reading(one) for one in told["readings"]]
    cursor = connection.execute(
        "INSERT INTO deliveries (head_end, received_at, header) VALUES (?, ?, ?)",
        (told["head_end"], told["received_at"], json.dumps(told["header"])),
    )
    connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", [(cursor.lastrowid, *one) for one in rows])
    return len(rows)


def _reading(one: Any) -> tuple[int, str, float]:
    try:
        meter, stamp, value = one
        return int(meter), str(stamp)[:16], float(value)
    except (TypeError, ValueError) as error:
        raise DeliveryError(f"{one!r} is no reading") from error
