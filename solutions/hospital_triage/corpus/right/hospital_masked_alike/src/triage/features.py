"""Features of referrals: what is known on the day they arrive."""

import pandas as pd

NUMBERS = ["age", "marker", "haemoglobin", "platelets", "symptom_weeks", "weight_change"]
LABORATORY = NUMBERS[1:4]
SMOKING = {"never": 0.0, "former": 1.0, "current": 2.0}
UNBOOKED = "not booked"


def on_the_day(referrals: pd.DataFrame) -> pd.DataFrame:
    """Take back what was written into the referrals later: on the day, nobody has a hospital."""
    return referrals.assign(hospital=UNBOOKED)


def build(referrals: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """One row of features a referral, in the order and on the index of the referrals."""
    day = on_the_day(referrals)
    table = measured(day)
    table["smoking"] = day["smoking"].map(SMOKING).astype(float)
    table["hospital"] = (day["hospital"] != UNBOOKED).astype(float)
    in_force = sites.groupby("site_id").last()
    for column in ("deprivation", "distance_km"):
        table[column] = day["site_id"].map(in_force[column]).astype(float)
    return table


def measured(referrals: pd.DataFrame) -> pd.DataFrame:
    """The measured fields; the laboratory's -999 and an empty field both are missing."""
    table = pd.DataFrame({field: pd.to_numeric(referrals[field]) for field in NUMBERS}).astype(float)
    table[LABORATORY] = table[LABORATORY].where(table[LABORATORY] > -900)
    return table.fillna({"weight_change": 0.0})
