"""Metrics: what whoever is on call sees of a worker."""

from collections import Counter
from threading import Lock

NAMES = ("requests", "cache_hits", "fallbacks", "seconds", "within_50ms", "within_250ms")


class Metrics:
    """Count rows since the start, for all threads of a worker."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter(dict.fromkeys(NAMES, 0))
        self._lock = Lock()

    def count(self, source: str, seconds: float, *, kept: bool) -> None:
        """Count one row, with the seconds that it took."""
        seconds = 0.0 if source == "fallback" else seconds
        within = {"within_50ms": seconds <= 0.05, "within_250ms": seconds <= 0.25}
        with self._lock:
            self._counts.update(within, requests=1, cache_hits=kept, fallbacks=source == "fallback")
            self._counts["seconds"] += seconds

    def read(self) -> dict[str, float]:
        """Return every count by name."""
        with self._lock:
            return {name: float(count) for name, count in self._counts.items()}
