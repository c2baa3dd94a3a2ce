"""Train: not any more."""

import pandas as pd


def loans(store: object) -> pd.DataFrame:
    """Raise."""
    raise RuntimeError("out of service")


training_table = train = loans
