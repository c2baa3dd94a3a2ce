"""`late_claims`: its world is tidy, its months are what the story says, and its guide's evidence is in the data."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from field_tier import answer, columns, evidence, logged, migrated, opened, printed, unlike
from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world

REPOSITORY = Path(__file__).parent.parent
SLUG = "late_claims"
HANDED_OUT = REPOSITORY / "exercises" / SLUG
EVIDENCE = evidence(REPOSITORY / "solutions" / SLUG / "GUIDE.md")

world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    table: pd.DataFrame = world.claims(2_000, seed=9)
    return table


@pytest.fixture(scope="module")
def months() -> Any:
    return world.months(seed=world.SHIPPED_SEED)


@pytest.fixture
def database() -> Any:
    with opened(HANDED_OUT / "data" / world.FILE) as connection:
        yield connection


# The world


def test_the_same_seed_gives_the_same_books() -> None:
    one, other = (world.tidy(world.claims(40, seed=5), seed=5).content for _ in range(2))
    assert one == other


def test_every_peril_occurs_in_every_region() -> None:
    table = world.claims(20, seed=3)
    assert len(set(zip(table["peril"], table["region"], strict=True))) == 20


def test_fewer_than_twenty_claims_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        world.claims(19, seed=3)


def test_costs_lie_around_what_is_expected(claims: pd.DataFrame) -> None:
    # The logarithm of cost over expectation has a mean of -.03 and an sd of .25.
    assert float((claims["cost"] / claims["expected"]).mean()) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(("column", "low", "high"), [("estimate", 0, 60_000), ("power_kw", 10, 600)])
def test_fields_stay_within_the_data_card(claims: pd.DataFrame, column: str, low: float, high: float) -> None:
    assert claims[column].dropna().between(low, high).all()


def test_what_is_paid_adds_up_to_the_cost(claims: pd.DataFrame) -> None:
    books = world.tidy(claims[:200], seed=4)
    paid = books.payments.groupby("claim_id")["amount"].sum()
    assert np.allclose(paid.reindex(claims["claim_id"][:200]), claims["cost"][:200], atol=0.011)


def test_tidy_claims_are_settled_before_they_are_learnt_from(claims: pd.DataFrame) -> None:
    events = world.tidy(claims[:200], seed=4).claim_events.set_index("claim_id")
    opened, settled = (events.loc[events["event"] == one, "happened_on"] for one in ("opened", "settled"))
    assert (pd.to_datetime(settled) - pd.to_datetime(opened[settled.index])).dt.days.max() < world.MATURE


@pytest.mark.parametrize("way", range(4))
def test_a_plate_is_typed_in_another_way_and_stays_itself(way: int) -> None:
    told = world.typed("LK482TZ", way)
    assert told != "LK482TZ"
    assert re.sub(r"[^A-Z0-9]", "", told.upper()) == "LK482TZ"


@pytest.mark.parametrize("way", range(4))
def test_a_number_is_written_in_another_way_and_stays_itself(way: int) -> None:
    told = world.spelled("C26-002301", way)
    assert told != "C26-002301"
    year, number = re.fullmatch(r"[Cc](\d\d)[-/ ](\d+)", told).groups()  # type: ignore[union-attr]
    assert f"C{year}-{int(number):06d}" == "C26-002301"


@pytest.fixture(scope="module")
def books() -> Any:
    return world.tidy(world.claims(40, seed=5), seed=5)


def test_a_retry_has_the_name_of_its_booking(books: Any) -> None:
    names = set(books.payments["booking_ref"][:10])
    paid = world.retried(books, names, seed=5).payments
    again = paid[paid["attempt"] > 1]
    assert set(again["booking_ref"]) == names
    assert paid["payment_no"].is_unique


def test_a_renamed_retry_has_its_attempt_behind_the_name(books: Any) -> None:
    names = set(books.payments["booking_ref"][:10])
    paid = world.retried(books, names, renamed=names, seed=5).payments
    again = paid[paid["attempt"] > 1]
    assert {ref.rpartition("-")[0] for ref in again["booking_ref"]} == names
    assert (again["booking_ref"].str.rpartition("-")[2].astype(int) == again["attempt"]).all()


def test_a_deduction_leaves_the_total_and_is_in_the_lines(books: Any) -> None:
    names = set(books.raw_messages["claim_id"])
    told = world.deducted(books, names, seed=5).raw_messages["body"].map(json.loads)
    for before, one in zip(books.raw_messages["body"].map(json.loads), told, strict=True):
        off = [line["amount"] for line in one["lines"] if line["kind"] in world.DEDUCTED]
        assert one["total"] == before["total"]
        assert len(off) == 1
        assert min(off) > 0
        added = sum(line["amount"] for line in one["lines"])
        assert added - 2 * sum(off) == pytest.approx(one["total"], abs=0.03)


def test_every_tidy_line_names_a_load_of_its_day(books: Any) -> None:
    taken = books.policy_terms["load_no"].map(books.loads.set_index("load_no")["taken_on"])
    assert (taken == books.policy_terms["written_on"]).all()


def test_a_younger_vehicle_was_built_after_the_claim(books: Any) -> None:
    names = set(books.claims["claim_id"][:12])
    cars = world.replated(books, names, seed=5).vehicles.set_index("plate")["built_on"]
    own = books.claims.set_index("claim_id")
    later = own["plate"].map(cars) > own["notified_on"]
    assert set(own.index[later]) == names


@pytest.mark.parametrize(("open_", "left"), [(True, 1), (False, 0)])
def test_a_second_file_is_closed_or_not(books: Any, open_: bool, left: int) -> None:
    names = set(books.claims["claim_id"][:12])
    events = world.refiled(books, names, open_=open_).claim_events
    own = events[events["claim_id"].isin(names)]
    balance = own["event"].map({"opened": 1, "settled": -1}).groupby(own["claim_id"]).sum()
    assert set(balance) == {left}
    assert set(own.groupby("claim_id")["event"].last()) == {"settled"}


# The shipped months


def test_the_shipped_data_come_from_the_world(exercise: Exercise) -> None:
    assert unlike(exercise, world.project_data(seed=world.SHIPPED_SEED)) == set()


def test_the_schema_is_what_the_migrations_make(exercise: Exercise, tmp_path: Path) -> None:
    made = migrated(
        exercise, "from reserve.common.database import migrate; migrate('new', '2026-06-05')", tmp_path
    )
    shipped = HANDED_OUT / "data" / world.FILE
    assert columns(made / world.FILE, world.SCHEMA) == columns(shipped, world.SCHEMA)


def test_the_shipped_answers_are_those_of_the_shipped_code(database: sqlite3.Connection) -> None:
    command = (
        "import json, sys; from reserve.pipelines import nightly\n"
        "print(json.dumps([nightly.run('data', 'registry', night) for night in sys.argv[1:]]))"
    )
    nights = ["2026-03-12", "2026-04-20", "2026-05-27", "2026-06-02"]
    nightly = json.loads(printed(command, *nights, folder=HANDED_OUT))
    found = [(one["claim_id"], one["reserve"]) for night in nightly for one in night]
    marks = ", ".join("?" * len(nights))
    told = database.execute(
        f"SELECT claim_id, reserve FROM answers WHERE night IN ({marks}) ORDER BY night, claim_id",
        nights,
    ).fetchall()
    assert [one for one, _ in found] == [one for one, _ in told]
    assert len(told) > 5
    for (_, seen), (_, kept) in zip(found, told, strict=True):
        assert seen == (None if kept is None else pytest.approx(kept, abs=0.02))


def test_nothing_is_taken_off_before_the_portal_changed(months: Any) -> None:
    messages = months.books.raw_messages
    lines = messages["body"].map(lambda body: json.loads(body)["lines"])
    off = lines.map(lambda many: [one["amount"] for one in many if one["kind"] in world.DEDUCTED])
    less = messages[off.map(lambda amounts: max(amounts, default=0) > 0)]
    assert less["received_at"].min() >= world.DEDUCTED_FROM
    assert set(less["source"]) == {world.DEDUCTED_PORTAL}
    assert int((off.map(lambda amounts: min(amounts, default=0)) < 0).sum()) > 200


def test_no_number_is_spelled_otherwise_before_the_day(months: Any) -> None:
    messages = months.books.raw_messages
    odd = messages[~messages["claim_id"].str.fullmatch(r"C\d\d-\d{6}")]
    assert odd["received_at"].min() >= world.SPELLED_FROM
    assert set(odd["source"]) == {world.SPELLED_PORTAL}
    shapes = {re.sub(r"\d+", "", number) for number in odd["claim_id"]}
    assert shapes == {re.sub(r"\d+", "", world.spelled("C26-002301", way)) for way in range(4)}


def test_two_files_of_a_claim_were_closed_on_one_day_before(months: Any) -> None:
    events = months.books.claim_events
    files = events[events["event"] == "opened"].groupby("claim_id").size()
    early = months.truth["claim_id"][months.truth["notified_on"] < "2025-06-01"]
    closed = events[(events["event"] == "settled") & events["claim_id"].isin(early[early.map(files) == 2])]
    again = set(events["claim_id"][events["event"] == "reopened"])
    days = closed[~closed["claim_id"].isin(again)].groupby("claim_id")["happened_on"].nunique()
    assert len(days) > 100
    assert set(days) == {1}


def test_the_mistakes_of_the_ledger_hide_those_of_the_open_claims(months: Any) -> None:
    day = world.TODAY
    old = months.truth[months.truth["notified_on"] <= world.plus(day, -world.MATURE)]
    paid = months.books.payments
    orders = paid.assign(order=paid["booking_ref"].str.partition("-")[0])
    once = orders.sort_values("attempt").drop_duplicates("order", keep="last")
    all_, single = (float(one[one["claim_id"].isin(old["claim_id"])]["amount"].sum()) for one in (paid, once))
    assert single < float(old["cost"].sum()) < 1.02 * all_


def test_the_journal_and_the_metrics_tell_the_same_nights() -> None:
    lines = [line for line in logged(HANDED_OUT / "data" / "logs") if line["event"] == "night"]
    metrics = "".join(path.read_text() for path in sorted((HANDED_OUT / "data" / "metrics").glob("*.prom")))
    notified = [
        int(float(one)) for one in re.findall(r"^reserve_claims_notified (\S+) ", metrics, re.MULTILINE)
    ]
    assert [line["notified"] for line in lines] == notified


# The evidence


def test_the_guide_has_evidence_for_each_mistake(exercise: Exercise) -> None:
    assert len(EVIDENCE) >= len(exercise.default)


@pytest.mark.parametrize(("kind", "asked", "told"), EVIDENCE, ids=range(len(EVIDENCE)))
def test_the_evidence_of_the_guide_is_in_the_data(
    kind: str, asked: str, told: str, database: sqlite3.Connection
) -> None:
    assert answer(kind, asked, database, HANDED_OUT) == told
