"""Figures: what was known about an applicant on the day of the application."""

import pandas as pd

from credit.store import Store

YEAR = pd.Timedelta(days=365)
EURO_DAY, LEV_PER_EURO = pd.Timestamp("2026-01-01"), 1.95583
FIGURES = ["amount", "income", "employment", "spent_mean", "spent_sd"]


def figures(store: Store, asked: pd.DataFrame) -> pd.DataFrame:
    """Gather the figures behind applications, each as of its own day.

    Parameters
    ----------
    store : Store
    asked : DataFrame of shape (n, any)
        Applications: ``customer_id``, ``received``, ``amount``.

    Returns
    -------
    known : DataFrame of shape (n, any)
        The applications, with ``income`` (euros a month), ``employment``, ``spent_mean`` and ``spent_sd``
        (euros a statement); missing where nothing is known.
    """
    return asked.join(profile(store.profiles, asked)).join(spending(store.statements, asked))


def profile(profiles: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Find the profile in force for each application."""
    dated = asked[["customer_id", "received"]].reset_index(names="row").sort_values("received")
    found = pd.merge_asof(
        dated,
        profiles.sort_values("since"),
        left_on="received",
        right_on="since",
        by="customer_id",
        tolerance=2 * YEAR,
    )
    return found.set_index("row")[["income", "employment"]]


def spending(statements: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Sum up the statements of the year before each application."""
    pairs = asked[["customer_id", "received"]].reset_index(names="row").merge(statements, on="customer_id")
    age = pairs["received"] - pairs["day"]
    known = pairs[(age > pd.Timedelta(0)) & (age <= YEAR)]
    euros = known["spent"].where(known["day"] >= EURO_DAY, known["spent"] / LEV_PER_EURO)
    spent = euros.clip(lower=0).groupby(known["customer_id"])
    sums = {"spent_mean": spent.mean(), "spent_sd": spent.std(ddof=0)}
    return pd.DataFrame(sums).reindex(asked["customer_id"]).set_axis(asked.index)
