"""Metrics: what whoever is on call sees of a worker."""

from threading import Lock


class Metrics:
    """Count rows since the start, for all threads of a worker."""

    def __init__(self) -> None:
        self._requests = 0
        self._lock = Lock()

    def count(self) -> None:
        """Count one row."""
        with self._lock:
            self._requests += 1

    def read(self) -> dict[str, float]:
        """Return every count by name."""
        with self._lock:
            return {"requests": float(self._requests)}
