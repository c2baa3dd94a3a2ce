"""Figures for whoever is on call, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from feedcast.common.files import put


def text(values: Mapping[str, Mapping[tuple[tuple[str, str], ...], float]]) -> str:
    """Write figures by name and labels."""
    lines = []
    for name, by_labels in sorted(values.items()):
        lines.append(f"# TYPE {name} gauge")
        for labels, value in sorted(by_labels.items()):
            inside = ",".join(f'{key}="{one}"' for key, one in labels)
            lines.append(f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:g}")
    return "\n".join(lines) + "\n"


def write(path: Path, values: Mapping[str, Mapping[tuple[tuple[str, str], ...], float]]) -> None:
    """Write figures into a file, whole."""
    put(path, text(values))
