"""Figures: what the council reads after each round."""

import pandas as pd
from scipy.stats import binomtest, rankdata

from screen.ranking import Round, fitted


def held_out_round(past: pd.DataFrame) -> pd.DataFrame:
    """Score the last round with what the earlier ones teach."""
    past = past[past["status"].eq("closed")]
    earlier, latest = (part for _, part in past.groupby(past["round"].eq(past["round"].max())))
    scored = Round(fitted(earlier), latest)
    table = latest[["application_id", "gender"]].assign(y_true=latest["panel"])
    return table.assign(score=scored.scores, shortlisted=scored.shortlisted).reset_index(drop=True)


def report_of(held_out: pd.DataFrame) -> dict[str, float]:
    """Return the council's figures."""
    rated = held_out[held_out["y_true"].notna()]
    good = rated["y_true"].eq(1).to_numpy()
    ones, zeros = good.sum(), (~good).sum()
    wins = rankdata(rated["score"])[good].sum() - ones * (ones + 1) / 2
    worth = rated.loc[rated["shortlisted"], "y_true"].mean()
    return {"rated": len(rated), "ranking": wins / (ones * zeros), "worth": worth}


def line(group: str, listed: pd.Series) -> dict[str, object]:
    """Return the share of a group that is on the shortlist, with Wilson's interval."""
    hits, n = int(listed.sum()), len(listed)
    found = binomtest(hits, n).proportion_ci(method="wilsoncc")
    return {"group": group, "n": n, "share": hits / n, "low": found.low, "high": found.high}


def by_gender(held_out: pd.DataFrame) -> list[dict[str, object]]:
    """Return a line for everyone and one for each gender."""
    found = held_out.loc[held_out["y_true"].eq(1)]
    groups = found.groupby("gender")["shortlisted"]
    return [line("everyone", found["shortlisted"]), *(line(str(name), listed) for name, listed in groups)]
