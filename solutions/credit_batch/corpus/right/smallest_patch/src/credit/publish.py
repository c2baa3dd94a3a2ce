"""Publish: the file that the desk reads."""

import os
from pathlib import Path

import pandas as pd


def publish(lines: pd.DataFrame, path: Path) -> None:
    """Write a night's lines where the desk looks for them."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        lines.to_csv(part, index=False)
        os.rename(part, path)
    finally:
        part.unlink(missing_ok=True)
