"""The journal of the jobs: one line of JSON for each thing that happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from feedcast.common import hours


class Journal:
    """Writes lines into a file of the month, or nowhere.

    Parameters
    ----------
    folder : str or Path, optional
        Where the files are; without it nothing is written.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._folder = None if folder is None else Path(folder)

    def note(self, day: str, job: str, **facts: Any) -> None:
        """Write what a job has to say about a day."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"day": day, "job": job, **facts}, sort_keys=True)
        with (self._folder / f"{day[:7]}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def forget(folder: str | Path, today: str, keep_days: int) -> list[str]:
    """Remove the months that ended so many days ago, and return their names."""
    first = hours.shifted(today, -keep_days)[:7]
    old = [path for path in sorted(Path(folder).glob("*.jsonl")) if path.stem < first]
    for path in old:
        path.unlink()
    return [path.stem for path in old]
