import json

import pytest
from conftest import DAY, add, body

from reserve.common import database, days, metrics, settings
from reserve.common.errors import MessageError, RegistryError, SettingsError
from reserve.common.journal import Journal
from reserve.features.build import build
from reserve.features.ranges import beyond
from reserve.ingest import authority, customers, forms, gde, inbox, policies
from reserve.ledger import bookings
from reserve.ledger.instructions import instruct
from reserve.ledger.payments import costs
from reserve.ledger.sender import send
from reserve.monitoring import answers, inputs, report
from reserve.registry import store
from reserve.service.levels import level_of
from reserve.service.scoring import Answer
from reserve.training.backtest import quarters
from reserve.training.figures import figures

QUIET = Journal(None, "test")


def test_days_count():
    assert (days.plus("2026-02-27", 3), days.between("2026-01-01", "2026-03-01")) == ("2026-03-02", 59)
    assert days.week("2026-03-08") == "2026-03-02"


def test_unknown_settings_are_refused():
    with pytest.raises(SettingsError, match="unknown"):
        settings.made({"outcomes": {}})


def test_metrics_are_read_as_they_were_written():
    told = metrics.Metrics()
    told.gauge("a_b", "What").set(2.5, kind='x"y')
    assert metrics.parsed(told.text())[("a_b", (("kind", 'x\\"y'),))] == 2.5


def test_an_estimate_is_the_sum_of_its_lines():
    assert gde.parse(body("C25-000001", 1000.0)).amount == 1000.0


@pytest.mark.parametrize("text", ["no", "[]", '{"gde": "2.0"}', '{"gde": "3.1", "claim": "C", "lines": []}'])
def test_what_is_no_estimate_is_refused(text):
    with pytest.raises(MessageError):
        gde.parse(text)


def test_a_message_is_taken_once(connection, tmp_path):
    line = {"id": "X1", "received_at": f"{DAY}T09:00:00", "source": "karos", "kind": "estimate"}
    text = json.dumps({**line, "body": json.loads(body("C25-000060", 700.0))})
    (tmp_path / "a.jsonl").write_text(f"{text}\n{text}\nnot json\n")
    assert inbox.take(connection, tmp_path, QUIET) == {"new": 1, "known": 1, "refused": 1}


def test_a_form_with_an_unknown_peril_is_refused():
    with pytest.raises(MessageError, match="peril"):
        forms.parse(
            json.dumps(
                {"claim_id": "C26-000001", "policy_id": "P", "customer_no": "K", "notified_on": DAY, "peril": "flood"}
            )
        )


def test_terms_are_loaded(connection, tmp_path):
    text = "policy_id,valid_from,no_claims_years,excess,written_on\nP1,2026-01-01,4,,2025-12-20\n"
    (tmp_path / "t.csv").write_text(text)
    assert policies.load(connection, tmp_path / "t.csv", DAY, QUIET) == 1
    assert policies.take_back(connection, "t.csv", QUIET) == 1


def test_a_file_of_the_ledger_is_taken_once(connection, tmp_path):
    head = "reference;claim;booked;amount;attempt"
    lines = ["B9001;C25-000003;2025-05-05;70;1", "B9001;C25-000003;2025-05-06;70;2", "B8001;C99-000000;2025-05-06;9;1"]
    (tmp_path / "b.csv").write_text("\n".join([head, *lines]) + "\n")
    before = costs(connection, ["C25-000003"], DAY)["C25-000003"]
    assert [bookings.load(connection, tmp_path / "b.csv", QUIET) for _ in range(2)] == [2, 0]
    assert costs(connection, ["C25-000003"], DAY)["C25-000003"] == pytest.approx(before + 70)


def test_vehicles_with_a_strange_plate_are_left_out(connection, tmp_path):
    (tmp_path / "v.csv").write_text("plate;built_on;power_kw\nAB123CD;2020-01-01;77,5\n?;;\n")
    assert authority.load(connection, tmp_path / "v.csv", QUIET) == 1


def test_merges_are_followed_to_their_end():
    assert customers.person("A", {"A": "B", "B": "C"}) == "C"
    assert customers.person("A", {"A": "B", "B": "A"}) in {"A", "B"}


def test_earlier_claims_are_counted_by_person(folder, connection):
    connection.execute("INSERT INTO customer_merges VALUES ('K60', 'K3', '2026-01-01')")
    connection.commit()
    assert [one.earlier_claims for one in build(connection, DAY, DAY)] == [1, 0, 0, 0]


def test_a_recovery_lowers_the_cost(connection):
    connection.execute(
        "INSERT INTO payments (claim_id, booked_on, amount, booking_ref) VALUES ('C25-000000', '2025-05-05', -30, 'R')"
    )
    assert costs(connection, ["C25-000000", "C25-000060"], DAY) == {"C25-000000": 300.0, "C25-000060": 0.0}


def test_an_instruction_is_sent_again_under_its_name():
    class Slow:
        asked = 0

        def book(self, told, seconds):
            self.asked += 1
            if self.asked < 2:
                raise TimeoutError
            return "booked"

    sent = send(Slow(), instruct("C25-000001", 20.0, DAY, 1), QUIET)
    assert sent.attempt == 2


@pytest.mark.parametrize(("value", "found"), [(None, []), (0.0, []), (60000.0, []), (60000.5, ["estimate"])])
def test_a_range_has_its_ends(value, found):
    assert beyond({"estimate": value}) == found


def test_a_version_that_is_not_there_cannot_be_promoted(registry):
    with pytest.raises(RegistryError):
        store.promote(registry, "v7")


def test_figures_of_nothing_are_nought():
    assert figures([], []).adequacy == 0.0
    assert figures([100.0, 300.0], [200.0, 200.0]).mean_error == 100.0


@pytest.mark.parametrize(("reserve", "name"), [(2500.0, "clerk"), (2500.5, "senior clerk"), (None, "senior clerk")])
def test_a_level_takes_what_it_may(reserve, name):
    status = "held" if reserve is None else "ok"
    assert level_of(Answer("C", status, reserve, "v1")).name == name


def test_quarters_begin_in_january_april_july_and_october():
    assert quarters("2025-02-01", "2025-10-02") == ["2025-04-01", "2025-07-01", "2025-10-01"]


def test_the_report_names_what_has_moved(folder, connection):
    before, now = build(connection, "2025-03-01", "2025-05-20"), build(connection, "2025-05-21", "2025-09-30")
    moved = inputs.moved(before, now)
    assert "**estimate**" in report.text(DAY, {}, moved, answers.counted([]))


def test_a_new_claim_joins_the_others(connection):
    add(connection, 99, DAY, settled=False)
    assert len(build(connection, DAY, DAY)) == 5


def test_the_database_is_up_to_date(folder):
    assert database.migrate(folder, DAY) == []
