"""Ranking: one pipeline from applications to a shortlist."""

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

DEGREES = ["none", "bachelor", "master", "doctorate"]
ALLOWED = ["years", "test", "referred", "degree", "skills"]


def split_list(text: str) -> list[str]:
    """Return the items of a list with semicolons."""
    return [item.strip() for item in text.lower().split(";") if item.strip()]


def as_agreed(applications: pd.DataFrame) -> pd.DataFrame:
    """Read the five fields that a score may depend on, on the council's terms."""
    known = applications.reindex(columns=ALLOWED)
    numbers = known[["years", "test", "referred"]].astype(float)
    return known.assign(
        years=numbers["years"].fillna(0).clip(0, 15),
        test=numbers["test"].fillna(50),
        referred=numbers["referred"].fillna(0),
        degree=known["degree"].astype(object).where(known["degree"].isin(DEGREES), "none"),
        skills=known["skills"].astype(object).where(known["skills"].notna(), ""),
    )


def new_pipeline() -> Pipeline:
    """Return an unfitted pipeline from applications to scores."""
    columns = ColumnTransformer(
        [
            ("numbers", "passthrough", ["years", "test", "referred"]),
            ("degree", OrdinalEncoder(categories=[DEGREES]), ["degree"]),
            ("skills", CountVectorizer(analyzer=split_list, binary=True, min_df=20), "skills"),
        ],
        sparse_threshold=0,
    )
    boosting = HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=6, learning_rate=0.15, early_stopping=False, random_state=3
    )
    return make_pipeline(FunctionTransformer(as_agreed), columns, boosting)


def fitted(past: pd.DataFrame) -> Pipeline:
    """Fit on what was decided about applications that were not withdrawn."""
    past = past.query("status == 'closed'")
    return new_pipeline().fit(past, past["invited"])


class Round:
    """A round of applications, scored as a whole."""

    def __init__(self, pipeline: Pipeline, applications: pd.DataFrame) -> None:
        self.scores = pipeline.predict_proba(applications)[:, 1] if len(applications) else np.zeros(0)
        best = np.lexsort([np.arange(len(self.scores)), -self.scores])[: round(0.2 * len(self.scores))]
        self.shortlisted = np.isin(np.arange(len(self.scores)), best)


def train(applications: pd.DataFrame, folder: str | Path) -> None:
    """Fit on past rounds and save."""
    joblib.dump(fitted(applications), Path(folder) / "pipeline.joblib")


def score(folder: str | Path, applications: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer a round."""
    handler = logging.StreamHandler(sys.stderr)
    logger = logging.Logger("ranking", os.environ.get("SCREEN_LOG", "INFO"))
    logger.addHandler(handler)
    answers = {
        at: {"application_id": one["application_id"], "score": None, "shortlisted": False, "status": "held"}
        for at, one in enumerate(applications)
    }
    good = [at for at, one in enumerate(applications) if not set(_wrong(one))]
    for at in sorted(set(answers) - set(good)):
        logger.warning("%s held for %s", answers[at]["application_id"], "/".join(_wrong(applications[at])))
    if good:
        scored = Round(joblib.load(Path(folder) / "pipeline.joblib"), pd.DataFrame([applications[at] for at in good]))
        for at, value, listed in zip(good, scored.scores.tolist(), scored.shortlisted.tolist(), strict=True):
            answers[at].update(score=value, shortlisted=listed, status="ok")
    logger.info("%d of %d held", len(answers) - len(good), len(answers))
    return list(answers.values())


def _wrong(application: dict[str, Any]) -> Iterable[str]:
    for field in ALLOWED:
        value = application.get(field)
        kinds = str if field in ("degree", "skills") else (int, float)
        if value is not None and not isinstance(value, kinds):
            yield field
