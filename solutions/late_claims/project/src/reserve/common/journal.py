"""The journal: one JSON line for each thing that happened."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """Write lines to a file, or nowhere.

    Parameters
    ----------
    path : path, optional
        Where lines are appended; they are dropped without one.
    job : str
        Named in each line.
    """

    def __init__(self, path: str | Path | None, job: str) -> None:
        self.path = None if path is None else Path(path)
        self.job = job

    def note(self, event: str, **facts: Any) -> None:
        """Write one line."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": at, "job": self.job, "event": event, **facts}, default=str)
        with self.path.open("a") as file:
            file.write(line + "\n")


def read(path: str | Path) -> Iterator[dict[str, Any]]:
    """Read a journal line by line; a torn last line is left out."""
    for line in Path(path).read_text().splitlines():
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(found, dict):
            yield found


def select(path: str | Path, event: str, first: str = "", last: str = "9999") -> list[dict[str, Any]]:
    """List the lines of one event between two days, both included."""
    return [line for line in read(path) if line.get("event") == event and first <= str(line.get("at", ""))[:10] <= last]
