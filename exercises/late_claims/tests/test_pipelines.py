import csv
from pathlib import Path

import pytest
from conftest import DAY

from reserve.common.errors import RegistryError, TooFewError
from reserve.common.journal import Journal, select
from reserve.common.metrics import parsed, total
from reserve.pipelines import calibration, evaluation, finance, housekeeping, nightly, training
from reserve.registry import store
from reserve.service import desk


@pytest.fixture
def trained(folder, registry):
    store.promote(registry, training.run(folder, registry, DAY))
    return registry


def test_the_training_table_has_a_line_for_each_old_claim(folder):
    table = training.table(folder, DAY)
    assert len(table) == len({line["claim_id"] for line in table}) == 60
    assert table[0]["cost"] == pytest.approx(330.0)


def test_a_training_adds_a_version_that_does_not_answer_yet(folder, registry):
    assert training.run(folder, registry, DAY) == "v1"
    with pytest.raises(RegistryError, match="no version is in force"):
        nightly.run(folder, registry, DAY)


def test_too_few_claims_are_not_learnt_from(folder, registry):
    with pytest.raises(TooFewError):
        training.run(folder, registry, "2025-07-01")


def test_the_night_answers_the_claims_of_the_day(folder, trained):
    found = nightly.run(folder, trained, DAY)
    assert [one["status"] for one in found] == ["ok"] * 4
    assert all(1000 < one["reserve"] < 4000 for one in found)


def test_the_desk_sees_the_answer_of_the_night(folder, trained):
    night = nightly.run(folder, trained, DAY)
    assert desk.answer(folder, trained, night[2]["claim_id"]) == night[2]


def test_an_answer_can_be_explained(folder, trained):
    found = desk.explained(folder, trained, "C25-000061")
    assert found["known"]["estimate"] == pytest.approx(1825.0)
    assert next(iter(found["parts"])) in {"one", "estimate"}


def test_an_unknown_claim_is_said_to_be_unknown(folder, trained):
    with pytest.raises(desk.UnknownClaimError):
        desk.answer(folder, trained, "C99-000000")


def test_a_calibration_is_kept(folder, trained):
    calibration.run(folder, trained, DAY)
    assert len(list(Path(trained).rglob("*.json"))) == 4


def test_the_evaluation_holds_everybody_out_once(folder):
    found = evaluation.run(folder, DAY)
    assert len({row["claim_id"] for row in found["rows"]}) == len(found["rows"]) == 60
    assert 0.8 < found["adequacy"] < 1.2


def test_the_night_leaves_a_file_metrics_and_a_line(folder, trained, tmp_path):
    journal = Journal(tmp_path / "journal.jsonl", "night")
    assert nightly.publish(folder, trained, DAY, tmp_path, journal) == 4
    with (tmp_path / f"reserves-{DAY}.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 4
    samples = parsed((tmp_path / "metrics.prom").read_text())
    assert total(samples, "reserve_answers") == total(samples, "reserve_claims_notified") == 4
    assert select(tmp_path / "journal.jsonl", "night")[0]["answers"] == 4


def test_finance_gets_the_reserves_of_a_month(folder, connection, tmp_path):
    connection.execute(f"INSERT INTO answers VALUES ('C25-000060', '{DAY}', 'v1', 1200.5, 'ok')")
    connection.execute(f"INSERT INTO answers VALUES ('C25-000061', '{DAY}', 'v1', NULL, 'held')")
    connection.commit()
    assert finance.run(folder, "2026-03", tmp_path) == {"4411": 1200.5}


def test_old_files_are_deleted_and_others_stay(tmp_path):
    for name in ("reserves-2024-01-01.csv", "reserves-2026-03-01.csv", "finance-2024-01.csv", "notes-2020-01-01.txt"):
        (tmp_path / name).write_text("x")
    assert housekeeping.run(tmp_path, DAY, Journal(None, "clean")) == 1
    assert not (tmp_path / "reserves-2024-01-01.csv").exists()
