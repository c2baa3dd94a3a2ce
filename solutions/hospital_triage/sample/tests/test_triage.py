"""What the desk relies on, on the project's own data."""

from pathlib import Path

import pandas as pd
import pytest

from triage.evaluate import evaluate
from triage.features import build
from triage.serve import score
from triage.train import train

DATA = Path(__file__).parents[1] / "data"
RECORD = {
    "referral_id": "R1",
    "patient_id": "A1",
    "received": "2025-02-03",
    "site_id": "P001",
    "hospital": None,
    "age": 61,
    "smoking": "former",
    "marker": 4.1,
    "haemoglobin": 128,
    "platelets": 310,
    "symptom_weeks": 9,
    "weight_change": -2.5,
}


@pytest.fixture(scope="module")
def sites():
    return pd.read_csv(DATA / "sites.csv")


@pytest.fixture(scope="module")
def referrals():
    return pd.read_csv(DATA / "referrals.csv")


@pytest.fixture(scope="module")
def model(referrals, sites, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(referrals, sites, folder)
    return folder


def test_features_keep_one_row_per_listed_referral(referrals, sites):
    listed = referrals[referrals["site_id"].isin(sites["site_id"])]
    assert len(build(listed, sites)) == len(listed)


def test_an_empty_weight_means_no_change(sites):
    assert build(pd.DataFrame([RECORD | {"weight_change": None}]), sites)["weight_change"].item() == 0


def test_the_last_line_of_a_practice_is_in_force(sites):
    moved = pd.concat([sites, sites[sites["site_id"] == "P001"].assign(distance_km=99.0)])
    assert set(build(pd.DataFrame([RECORD]), moved)["distance_km"]) == {99.0}


def test_the_model_ranks_patients_well(referrals, sites):
    assert evaluate(referrals, sites)["value"] > 0.7


def test_a_referral_gets_a_probability(model, sites):
    (result,) = score(model, [RECORD], sites)["results"]
    assert result["status"] == "ok"
    assert 0 <= result["score"] <= 1


def test_worse_findings_give_a_higher_score(model, sites):
    worse = RECORD | {
        "referral_id": "R2",
        "marker": 60.0,
        "haemoglobin": 92,
        "platelets": 480,
        "weight_change": -9,
    }
    calm, urgent = score(model, [RECORD, worse], sites)["results"]
    assert calm["score"] < urgent["score"]


def test_a_missing_laboratory_value_is_no_obstacle(model, sites):
    (result,) = score(model, [RECORD | {"marker": None}], sites)["results"]
    assert result["status"] == "ok"


def test_an_unreadable_record_does_not_stop_the_batch(model, sites):
    records = [RECORD, RECORD | {"referral_id": "R2", "marker": "see letter"}]
    assert [row["referral_id"] for row in score(model, records, sites)["results"]] == ["R1", "R2"]


def test_an_empty_batch_gets_no_results(model, sites):
    assert score(model, [], sites)["results"] == []


def test_a_held_record_stays_held_wherever_it_stands(model, sites):
    records = [RECORD | {"marker": "see letter"}, RECORD | {"referral_id": "R2"}]
    assert score(model, records, sites)["results"][0]["status"] == "held"


def test_symptoms_of_this_week_are_nought_weeks(sites):
    assert build(pd.DataFrame([RECORD | {"symptom_weeks": 0}]), sites)["symptom_weeks"].item() == 0


def test_a_gap_is_filled_alike_in_any_company(model, sites):
    lost = RECORD | {"haemoglobin": None}
    anaemic = RECORD | {"referral_id": "R2", "haemoglobin": 85}
    alone, among = (score(model, batch, sites)["results"][0]["score"] for batch in ([lost], [lost, anaemic]))
    assert alone == among
