"""Metrics in Prometheus' text format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

NAME = re.compile(r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")
SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>[^}]*)\})?\s+(?P<value>\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Labels = tuple[tuple[str, str], ...]


@dataclass
class Metric:
    """One metric with its samples."""

    name: str
    kind: str
    help: str
    samples: dict[Labels, float] = field(default_factory=dict)

    def add(self, amount: float = 1.0, **labels: str) -> None:
        """Count up."""
        key = tuple(sorted(labels.items()))
        self.samples[key] = self.samples.get(key, 0.0) + amount

    def set(self, value: float, **labels: str) -> None:
        """Set a value."""
        self.samples[tuple(sorted(labels.items()))] = value

    def lines(self) -> Iterator[str]:
        """Write the metric."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in sorted(self.samples.items()):
            told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
            yield f"{self.name}{{{told}}} {value:g}" if told else f"{self.name} {value:g}"


class Metrics:
    """The metrics of one run."""

    def __init__(self) -> None:
        self._known: dict[str, Metric] = {}

    def counter(self, name: str, help: str) -> Metric:
        """Return a counter, made at its first mention."""
        return self._metric(name, "counter", help)

    def gauge(self, name: str, help: str) -> Metric:
        """Return a gauge, made at its first mention."""
        return self._metric(name, "gauge", help)

    def _metric(self, name: str, kind: str, help: str) -> Metric:
        if not NAME.match(name):
            raise ValueError(f"{name!r} is no name of a metric")
        return self._known.setdefault(name, Metric(name, kind, help))

    def text(self) -> str:
        """Write all metrics."""
        return "".join(line + "\n" for metric in self._known.values() for line in metric.lines())

    def write(self, path: str | Path) -> None:
        """Write all metrics into a file that is read whole or not at all."""
        part = Path(path).with_suffix(".part")
        part.write_text(self.text())
        part.replace(path)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def parsed(text: str) -> dict[tuple[str, Labels], float]:
    """Read samples: values by name and labels."""
    found = {}
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match and not line.startswith("#"):
            labels = tuple(sorted(LABEL.findall(match["labels"] or "")))
            found[match["name"], labels] = float(match["value"])
    return found


def total(samples: Mapping[tuple[str, Labels], float], name: str, **labels: str) -> float:
    """Add up the samples of a metric that have these labels."""
    wanted = set(labels.items())
    return sum(value for (known, own), value in samples.items() if known == name and wanted <= set(own))
