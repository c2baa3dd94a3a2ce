"""Train: from closed referrals to the folder that the service reads."""

from pathlib import Path

import joblib
import pandas as pd

from triage.features import build
from triage.model import FILE, Artefact, new_classifier
from triage.monitor import describe


def train(referrals: pd.DataFrame, sites: pd.DataFrame, folder: str | Path) -> None:
    """Fit the model on all closed referrals and save it.

    Parameters
    ----------
    referrals : DataFrame
        Closed referrals with their outcome, as in the data card.
    sites : DataFrame
        The register of practices.
    folder : path
        Where to write the artefact.
    """
    features = build(referrals, sites)
    closed = referrals.loc[features.index]
    gaps = features.median()
    classifier = new_classifier().fit(features.fillna(gaps), closed["cancer"])
    reference = describe(closed, features.fillna(gaps))
    joblib.dump(Artefact(classifier, gaps, reference), Path(folder) / FILE)
