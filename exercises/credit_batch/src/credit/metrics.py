"""Metrics: what the watch of the computing centre collects in the morning."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

FILE = "metrics.prom"


def write(out: Path, counts: dict[str, int], *, published: bool) -> None:
    """Leave a night's metrics: the lines by status, and whether they were published."""
    registry = CollectorRegistry()
    lines = Gauge("credit_lines", "Lines of the night's file.", ["status"], registry=registry)
    for status in ("ok", "manual"):
        lines.labels(status=status).set(counts.get(status, 0))
    Gauge("credit_published", "1 if the night's file was published.", registry=registry).set(published)
    write_to_textfile(str(out / FILE), registry)
