"""Housekeeping: files that nobody asks for any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reserve.common import days
from reserve.common.journal import Journal

KEPT = {"reserves": 400, "weekly": 800, "finance": 3700}
"""How many days files are kept, by the first word of their name."""
NAME = re.compile(r"^(?P<kind>[a-z]+)-(?P<day>\d{4}-\d{2}(-\d{2})?)\.\w+$")


def old(out: Path, today: str) -> Iterator[Path]:
    """Find files that are older than they are kept; files of another name are left alone."""
    for path in sorted(out.glob("*-*.*")):
        match = NAME.match(path.name)
        if match is None or match["kind"] not in KEPT:
            continue
        day = match["day"] if match["day"].count("-") == 2 else f"{match['day']}-01"
        if days.between(day, today) > KEPT[match["kind"]]:
            yield path


def run(out: Path, today: str, journal: Journal) -> int:
    """Delete old files, and return how many there were."""
    found = list(old(out, today))
    for path in found:
        path.unlink()
    journal.note("housekeeping", deleted=len(found))
    return len(found)
