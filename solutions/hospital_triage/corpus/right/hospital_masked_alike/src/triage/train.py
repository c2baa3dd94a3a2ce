"""Train: from closed referrals to the folder that the service reads."""

from pathlib import Path

import joblib
import pandas as pd

from triage.features import build, measured
from triage.model import FILE, Artefact, new_classifier, risk
from triage.monitor import profile


def train(referrals: pd.DataFrame, sites: pd.DataFrame, folder: str | Path) -> None:
    """Fit the model on all closed referrals; scores of patients held back describe what is normal."""
    features = build(referrals, sites)
    patients = referrals["patient_id"]
    held_back = patients.isin(patients.drop_duplicates().sample(frac=0.4, random_state=1))
    draft = new_classifier().fit(features[~held_back], referrals["cancer"][~held_back])
    normal = measured(referrals).assign(
        score=pd.Series(risk(draft, features[held_back]), referrals.index[held_back])
    )
    described = profile(normal)
    described.loc["score", "empty"] = 0.0
    classifier = new_classifier().fit(features, referrals["cancer"])
    joblib.dump(Artefact(classifier, described), Path(folder) / FILE)
