"""Which claims are settled: those of which no file is open."""

from __future__ import annotations

import sqlite3
from itertools import groupby
from operator import itemgetter

from reserve.common.database import rows


def settled_on(connection: sqlite3.Connection, day: str) -> dict[str, str]:
    """Return since when each claim is settled that is settled on the evening of a day.

    An event says nothing of the file that it is about, so files are counted: one more is open with `opened` and with
    `reopened`, one less with `settled`.
    """
    found: dict[str, str] = {}
    for claim, events in groupby(rows(connection, "settled_on", day=day), key=itemgetter("claim_id")):
        told = list(events)
        names = [one["event"] for one in told]
        still_open = len(names) - 2 * names.count("settled")
        if still_open <= 0 and names[-1] == "settled":
            found[claim] = told[-1]["happened_on"]
    return found
