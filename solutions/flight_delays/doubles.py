"""Stand-ins for what the service is given: a weather feed that can fail, and a clock that stands where it is set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

Line = Mapping[str, float | None]
Look = Callable[[str, str], Line | None]


def archive(weather: pd.DataFrame) -> Look:
    """Look observations up in a table, as the data card describes it."""
    fields = weather.drop(columns=["origin", "observed_at"]).astype(object)
    lines = fields.where(fields.notna(), None).to_dict("records")
    seen = dict(zip(zip(weather["origin"], weather["observed_at"], strict=True), lines, strict=True))
    return lambda origin, hour: seen.get((origin, hour))


def struck(hours: Iterable[str], line: Line, others: Line) -> Look:
    """Observe one line at all airports in some hours, and another in all others."""
    chosen = set(hours)
    return lambda _, hour: line if hour in chosen else others


class Feed:
    """A feed that remembers what it was asked.

    Parameters
    ----------
    look : callable
        Takes airport and hour (``2014-07-01T13:00Z``); returns what was observed, or none.
    down : mapping of str, or of (str, str), to Exception, optional
        What asking for an airport raises, or for an airport and an hour.
    """

    def __init__(self, look: Look, *, down: Mapping[Any, Exception] | None = None) -> None:
        self.look = look
        self.down = dict(down or {})
        self.asked: list[tuple[str, str]] = []

    def observation(self, origin: str, hour: Any) -> dict[str, Any] | None:
        """Return what was observed at an airport in a full hour of UTC, or none."""
        moment = pd.Timestamp(hour)
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
        key = (str(origin), f"{moment:%Y-%m-%dT%H:%MZ}")
        self.asked.append(key)
        for part in (key[0], key):
            if part in self.down:
                raise self.down[part]
        line = self.look(*key)
        return None if line is None else {"origin": key[0], "observed_at": key[1], **line}


class Clock:
    """A clock that stands.

    Parameters
    ----------
    at : Timestamp
        In UTC.
    """

    def __init__(self, at: pd.Timestamp) -> None:
        self.at = at

    def now(self) -> str:
        """Return the time in UTC."""
        return self.at.isoformat()
