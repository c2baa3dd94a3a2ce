"""Plays: what the player's log says that viewers have watched."""

import pandas as pd

RECENT = pd.Timedelta(days=28)


def tidy(log: pd.DataFrame) -> pd.DataFrame:
    """Read the log: one line for each viewer and film, with the ``share`` of the film that was watched."""
    plays = log.drop_duplicates(["viewer", "film"], keep="last")
    share = (plays["minutes"] / plays["length"]).clip(upper=1)
    return plays.assign(day=pd.to_datetime(plays["day"]), share=share)


def popularity(plays: pd.DataFrame) -> pd.Series:
    """Count the plays of each film in the last four weeks of a log, most popular film first."""
    recent = plays[plays["day"] > plays["day"].max() - RECENT]
    return recent.groupby("film").size().sort_values(ascending=False, kind="stable")


def shares_by_viewer(plays: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Write tidy plays as the feature store keeps them: for each viewer, the share watched of each film."""
    return {viewer: own.set_index("film")["share"].to_dict() for viewer, own in plays.groupby("viewer")}
