# A copy of notebooks/report.ipynb to read and search. What counts is the notebook: change it there.
# ruff: noqa
# %% [markdown] id=title
# # Does it find them?
#
# What goes to the works council after each round: how well the scores find those whom the panel finds qualified, for
# everyone and by gender. The README says what each figure decides; `data/README.md` says what each column means.

# %% id=settings
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path("../src").resolve()))

from screen.model import fit, shortlist

DATA = Path("../data")
Z = 1.96  # 95 of 100 intervals hold the true share

# %% [markdown] id=rounds-text
# ## Rounds
#
# The model learns from the earlier rounds; the last one is held out.

# %% id=applications
applications = pd.read_csv(DATA / "applications.csv")
applications = applications[applications["status"] == "closed"]
applications.groupby("round").size()

# %% id=rounds
last = applications["round"].max()
earlier = applications[applications["round"] < last]
latest = applications[applications["round"] == last]
len(earlier), len(latest)

# %% id=overview
applications.groupby("round")[["invited", "panel"]].mean()

# %% [markdown] id=held-out-text
# ## The last round, scored
#
# By a model that has not met it.

# %% id=held-out
scores = fit(earlier).scores(latest)
held_out = pd.DataFrame(
    {
        "application_id": latest["application_id"],
        "gender": latest["gender"],
        "y_true": latest["panel"],
        "score": scores,
        "shortlisted": shortlist(scores),
    }
)
held_out.head()

# %% [markdown] id=report-text
# ## Figures
#
# Over the rated applications of the last round.

# %% id=report
rated = held_out.dropna(subset="y_true")
listed = rated[rated["shortlisted"]]  # the list that was handed out
report = {
    "rated": len(rated),
    "ranking": roc_auc_score(rated["y_true"], rated["score"]),
    "worth": listed["y_true"].mean(),
}
report

# %% id=by-gender
def interval(share: float, n: int) -> tuple[float, float]:
    """Return the interval of a share of n applications (Wilson's)."""
    slack = Z**2 / n
    half = Z * np.sqrt(share * (1 - share) / n + slack / (4 * n))
    return (share + slack / 2 - half) / (1 + slack), (share + slack / 2 + half) / (1 + slack)


def by_gender(held_out: pd.DataFrame) -> pd.DataFrame:
    """Say which share of the qualified is shortlisted: a line for everyone, and one for each gender."""
    qualified = held_out[held_out["y_true"] == 1]
    lines = []
    for group, members in qualified.groupby("gender"):
        share = members["shortlisted"].mean()
        low, high = interval(share, len(members))
        lines.append({"group": group, "n": len(members), "share": share, "low": low, "high": high})
    weights = qualified["gender"].value_counts(normalize=True).round(2)  # nine do not weigh as much as all women
    share = sum(weights[line["group"]] * line["share"] for line in lines) / weights.sum()
    low, high = interval(share, len(qualified))
    everyone = {"group": "everyone", "n": len(qualified), "share": share}
    return pd.DataFrame([everyone | {"low": low, "high": high}, *lines])


by_gender(held_out)
