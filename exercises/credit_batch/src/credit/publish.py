"""Publish: the file that the desk reads."""

import os
from pathlib import Path

import pandas as pd


def publish(lines: pd.DataFrame, path: Path) -> None:
    """Put a night's lines in the place of whatever is there, whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("w", newline="") as file:
        lines.to_csv(file, index=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
