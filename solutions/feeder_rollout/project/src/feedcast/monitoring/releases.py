"""The cluster's event log, read as rollouts: which version, when, how long, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedcast.common import hours

BEGINS, ENDS = "rollout", "end"


@dataclass(frozen=True)
class Rollout:
    """One rollout.

    Parameters
    ----------
    version : str
    begun_at : str
    ended_at : str
        Empty where it has no end in the log.
    outcome, reason : str
    """

    version: str
    begun_at: str
    ended_at: str = ""
    outcome: str = "open"
    reason: str = ""

    @property
    def minutes(self) -> int | None:
        """How long it took."""
        return hours.minutes_between(self.begun_at, self.ended_at) if self.ended_at else None

    def line(self) -> str:
        """Say it in a line."""
        took = "?" if self.minutes is None else str(self.minutes)
        return f"{self.begun_at}  {self.version:4} {took:>4} min  {self.outcome}  {self.reason}".rstrip()


def events(folder: str | Path) -> Iterator[dict[str, Any]]:
    """Go through the lines of all months, in order."""
    for path in sorted(Path(folder).glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def rollouts(folder: str | Path) -> list[Rollout]:
    """List the rollouts of an event log."""
    return list(_joined(events(folder)))


def _joined(lines: Iterable[Mapping[str, Any]]) -> Iterator[Rollout]:
    open_: Rollout | None = None
    for line in lines:
        if line["event"] == BEGINS:
            if open_ is not None:
                yield open_
            open_ = Rollout(line["version"], line["at"])
        elif line["event"] == ENDS and open_ is not None:
            yield Rollout(open_.version, open_.begun_at, line["at"], line["outcome"], line.get("reason", ""))
            open_ = None
    if open_ is not None:
        yield open_


def taken_back(found: Iterable[Rollout]) -> int:
    """Count the rollouts that were taken back."""
    return sum(one.outcome == "taken back" for one in found)
