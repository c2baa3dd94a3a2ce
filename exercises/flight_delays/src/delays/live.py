"""Live: the clock and the weather feed, as the service is given them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd


class Clock:
    """The machine's clock."""

    def now(self) -> str:
        """Return the time in UTC."""
        return datetime.now(UTC).isoformat()


class Archive:
    """Observations from a file, in place of the feed."""

    def __init__(self, path: str | Path) -> None:
        lines = pd.read_csv(path).astype(object)
        lines = lines.where(lines.notna(), None)
        self._seen = {(line["origin"], line["observed_at"]): line for line in lines.to_dict("records")}

    def observation(self, origin: str, hour: str) -> dict[str, Any] | None:
        """Return what was observed at an airport in a full hour of UTC; none where nothing was."""
        return self._seen.get((origin, f"{pd.Timestamp(hour):%Y-%m-%dT%H:%MZ}"))
