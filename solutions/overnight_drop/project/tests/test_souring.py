"""What the co-operative relies on, on the project's own data."""

import json
from pathlib import Path

import pandas as pd
import pytest

from souring.monitor import watch
from souring.score import score
from souring.train import train

DATA = Path(__file__).parents[1] / "data"
FARMS = {path.stem: path.read_text() for path in (DATA / "farms").glob("*.csv")}
LOAD = {
    "load_id": "T1",
    "depot": "Arkle",
    "farm": "F007",
    "temperature_c": 4.2,
    "hours_stored": 14,
    "acidity_d": 15.1,
    "cells_k": 180,
    "fat_pct": 4.0,
    "volume_l": 1500,
    "cooler": "plate",
}


@pytest.fixture(scope="module")
def history():
    return pd.read_csv(DATA / "history.csv")


@pytest.fixture(scope="module")
def model(history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(history, folder)
    return folder


@pytest.fixture(scope="module")
def first_of_april():
    lines = (DATA / "batches" / "2026-04-01.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_load_gets_a_result_in_order(model, first_of_april):
    results = score(model, first_of_april, FARMS)["results"]
    assert [row["load_id"] for row in results] == [row["load_id"] for row in first_of_april]


def test_four_loads_in_five_are_judged_rightly(model, first_of_april):
    results = score(model, first_of_april, FARMS)["results"]
    right = [
        (row["score"] >= 0.5) == load["soured"] for row, load in zip(results, first_of_april, strict=True)
    ]
    assert sum(right) / len(right) > 0.75


def test_warm_and_acid_milk_gets_a_higher_score(model, first_of_april):
    worse = LOAD | {"load_id": "T2", "temperature_c": 8.0, "acidity_d": 18.0}
    calm, warm = score(model, [LOAD, worse, *first_of_april], FARMS)["results"][:2]
    assert calm["score"] < warm["score"]


def test_a_lost_sample_is_no_obstacle(model):
    (result,) = score(model, [LOAD | {"acidity_d": None}], FARMS)["results"]
    assert result["status"] == "ok"


def test_a_word_in_place_of_a_reading_is_held(model):
    (result,) = score(model, [LOAD | {"acidity_d": "broken"}], FARMS)["results"]
    assert result == {"load_id": "T1", "score": None, "status": "held"}


def test_an_empty_batch_gets_no_results(model):
    assert score(model, [], FARMS)["results"] == []


def test_the_newest_farm_file_is_used(model):
    assert score(model, [LOAD], FARMS)["farms"] == max(FARMS)


def test_richer_milk_is_paged(model, history):
    log = history.assign(day="2026-04-01", model="2026-03-02", score=0.5, known=None, soured=None)
    richer = log.assign(day="2026-04-02", fat_pct=log["fat_pct"] + 1)
    pages = watch(model, pd.concat([log, richer]))
    assert "fat_pct" in {page["field"] for page in pages if page["day"] == "2026-04-02"}
