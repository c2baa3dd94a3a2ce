"""Metrics: what whoever is on call sees of a worker."""

from collections import Counter
from threading import Lock


class Metrics:
    """Count rows since the start, for all threads of a worker."""

    def __init__(self) -> None:
        self._told = Counter(
            dict.fromkeys(["requests", "cache_hits", "fallbacks", "seconds", "within_50ms", "within_250ms"], 0)
        )
        self._lock = Lock()

    def count(self, seconds: float, source: str, *, hit: bool) -> None:
        """Count one row."""
        with self._lock:
            self._told.update(requests=1, cache_hits=hit, fallbacks=source == "fallback")
            self._told.update(within_50ms=seconds <= 0.05, within_250ms=seconds <= 0.25)
            self._told["seconds"] += seconds

    def read(self) -> dict[str, float]:
        """Return every count by name."""
        with self._lock:
            return {name: float(value) for name, value in self._told.items()}
