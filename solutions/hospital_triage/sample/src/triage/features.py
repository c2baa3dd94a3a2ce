"""Features: from referrals as they arrive to the table that the model reads."""

import pandas as pd
from sklearn.preprocessing import OneHotEncoder

LABORATORY = ["marker", "haemoglobin", "platelets"]
NUMBERS = ["age", *LABORATORY, "symptom_weeks", "weight_change"]
CATEGORIES = {
    "smoking": ["never", "former", "current"],
}
PLACE = ["deprivation", "distance_km"]
NOT_MEASURED = -999


def build(referrals: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Turn referrals into features.

    Parameters
    ----------
    referrals : DataFrame of shape (n, any)
        The fields of the data card; the outcome is not needed.
    sites : DataFrame
        The register of practices.

    Returns
    -------
    features : DataFrame
        Numbers only, on the index of the referrals; missing where nothing is known.
    """
    places = sites.drop_duplicates("site_id", keep="last")
    known = referrals.merge(places[["site_id", *PLACE]], on="site_id", how="left")
    return pd.concat([measurements(known), _indicators(known), known[PLACE].astype(float)], axis=1)


def measurements(referrals: pd.DataFrame) -> pd.DataFrame:
    """Read the measured fields; an unmeasured one is missing."""
    numbers = referrals[NUMBERS].astype(float)
    # Only the laboratory has a code; nought weeks of symptoms are a value.
    numbers[LABORATORY] = numbers[LABORATORY].replace(NOT_MEASURED, float("nan"))
    numbers["weight_change"] = numbers["weight_change"].fillna(0)
    return numbers


def _indicators(referrals: pd.DataFrame) -> pd.DataFrame:
    """Write each category as a column of zeros and ones."""
    encoder = OneHotEncoder(
        categories=list(CATEGORIES.values()), handle_unknown="ignore", sparse_output=False
    )
    texts = referrals[list(CATEGORIES)].astype(object).fillna("")
    columns = [f"{field}={level}" for field, levels in CATEGORIES.items() for level in levels]
    return pd.DataFrame(encoder.fit_transform(texts), index=referrals.index, columns=columns)
