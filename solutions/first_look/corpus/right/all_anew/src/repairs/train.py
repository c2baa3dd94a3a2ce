"""Train the line."""

from __future__ import annotations

import pandas as pd

from repairs.line import Line


def train(visits: pd.DataFrame, folder: str) -> None:
    """Learn from the whole book."""
    Line.through(visits.to_dict("records")).save(folder)
