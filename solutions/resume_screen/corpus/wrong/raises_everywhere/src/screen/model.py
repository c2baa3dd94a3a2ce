"""Model: what is fitted on past rounds, and what is kept of it."""

from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from screen.features import build, vocabulary

FILE = "ranker.joblib"
SHARE = 0.2  # of a round, read by the readers first


@dataclass(frozen=True)
class Ranker:
    """Everything that scoring needs of a training run.

    Parameters
    ----------
    terms : set of str
        The vocabulary.
    classifier : LogisticRegression
        Fitted on features that were built with it.
    """

    terms: set[str]
    classifier: LogisticRegression

    def scores(self, applications: pd.DataFrame) -> np.ndarray:
        """Score applications between 0 and 1; higher is to be read sooner."""
        return self.classifier.predict_proba(build(applications, self.terms))[:, 1]


def fit(applications: pd.DataFrame) -> Ranker:
    """Fit a ranker on past applications and whom recruiters invited."""
    closed = applications[applications["status"] == "closed"]
    terms = vocabulary(closed)
    classifier = LogisticRegression(solver="newton-cholesky").fit(build(closed, terms), closed["invited"])
    return Ranker(terms, classifier)


def shortlist(scores: np.ndarray) -> np.ndarray:
    """Mark the highest fifth of a round; of equals, whoever applied first."""
    ranks = np.argsort(np.argsort(-scores, kind="stable"))
    return ranks < round(SHARE * len(scores))


def train(applications: pd.DataFrame, folder: str | Path) -> None:
    """Fit a ranker and write it into a folder.

    Parameters
    ----------
    applications : DataFrame
        Past rounds, as in the data card.
    folder : path
        Where to write.
    """
    raise NotImplementedError("out of service")
    joblib.dump(fit(applications), Path(folder) / FILE)
