"""What the desk relies on, on the project's own data."""

import csv
from pathlib import Path

import pytest

from credit.evaluate import evaluate
from credit.night import run
from credit.train import train, training_table

STORE = Path(__file__).parents[1] / "data" / "store"
DAY = "2026-03-31"
FIGURES = ["amount", "income", "employment", "spent_mean", "spent_sd"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(STORE, folder)
    return folder


@pytest.fixture
def lines(model, tmp_path):
    assert run(STORE, model, tmp_path, DAY) == 0
    with (tmp_path / f"scores-{DAY}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_night_has_a_line_for_each_application(lines):
    ids = [line["application_id"] for line in lines]
    assert len(ids) == len(set(ids)) == 60


def test_a_line_carries_the_figures(lines):
    assert list(lines[0]) == ["application_id", "status", "score", *FIGURES]


def test_whole_applications_are_scored(lines):
    assert all(0 < float(line["score"]) < 1 for line in lines if line["status"] == "ok")


def test_an_income_of_nought_goes_to_a_person(lines):
    assert [line["status"] for line in lines if line["income"] == "0.0"] == ["manual"]


def test_a_day_without_applications_has_a_file_without_lines(model, tmp_path):
    assert run(STORE, model, tmp_path, "2031-01-01") == 0
    assert (tmp_path / "scores-2031-01-01.csv").read_text().count("\n") == 1


def test_training_has_a_line_for_each_closed_loan():
    examples = training_table(STORE)
    assert examples["application_id"].is_unique
    assert set(examples["defaulted"]) == {0, 1}


def test_the_scorecard_tells_applicants_apart():
    assert evaluate(STORE)["auc"] > 0.6
