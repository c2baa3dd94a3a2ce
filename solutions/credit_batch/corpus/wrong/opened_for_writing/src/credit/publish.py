"""Publish: the file that the desk reads."""

from pathlib import Path

import pandas as pd


def publish(lines: pd.DataFrame, path: Path) -> None:
    """Write a night's lines where the desk looks for them."""
    lines.to_csv(path, index=False)
