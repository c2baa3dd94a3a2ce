"""Metrics: what whoever is on call sees of a worker."""

from threading import Lock


class Metrics:
    """Count rows since the start, for all threads of a worker."""

    def __init__(self) -> None:
        self._told = dict.fromkeys(
            ["requests", "cache_hits", "fallbacks", "seconds", "within_50ms", "within_250ms"], 0.0
        )
        self._lock = Lock()

    def count(self, seconds: float, *, hit: bool, fallback: bool) -> None:
        """Count one row."""
        with self._lock:
            self._told["requests"] += 1
            self._told["cache_hits"] += hit
            self._told["fallbacks"] += fallback
            self._told["seconds"] += seconds
            self._told["within_50ms"] += seconds <= 0.05
            self._told["within_250ms"] += seconds <= 0.25

    def read(self) -> dict[str, float]:
        """Return every count by name."""
        with self._lock:
            return dict(self._told)
