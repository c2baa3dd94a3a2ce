"""Metrics: what whoever is on call sees of a worker."""

from prometheus_client import CollectorRegistry, Counter, Histogram


class Metrics:
    """Count rows since the start, for all threads of a worker."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._hits = Counter("matinee_hits", "Rows that cost the store nothing.", registry=self._registry)
        self._fallbacks = Counter("matinee_fallbacks", "Rows without the store.", registry=self._registry)
        self._seconds = Histogram(
            "matinee_seconds", "What a row took.", registry=self._registry, buckets=[0.05, 0.25]
        )

    def count(self, seconds: float, *, hit: bool, fallback: bool) -> None:
        """Count one row."""
        self._seconds.observe(seconds)
        if hit:
            self._hits.inc()
        if fallback:
            self._fallbacks.inc()

    def read(self) -> dict[str, float]:
        """Return every count by name."""
        def value(name: str, **labels: str) -> float:
            return self._registry.get_sample_value(f"matinee_{name}", labels) or 0.0

        return {
            "requests": value("seconds_count"),
            "cache_hits": value("hits_total"),
            "fallbacks": value("fallbacks_total"),
            "seconds": value("seconds_sum"),
            "within_50ms": value("seconds_bucket", le="0.05"),
            "within_250ms": value("seconds_bucket", le="0.25"),
        }
