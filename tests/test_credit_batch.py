"""`credit_batch`: its world is stationary, its store tells what the story says, and its canaries sing."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world

REPOSITORY = Path(__file__).parent.parent
SLUG = "credit_batch"

world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


nest = loaded(REPOSITORY / "solutions" / SLUG / "canaries.py")


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    table: pd.DataFrame = world.applicants(20_000, seed=9)
    return table


@pytest.fixture(scope="module")
def past() -> Any:
    return world.past(300, seed=9)


# The world


def test_every_kind_of_employment_applies() -> None:
    assert set(world.applicants(5, seed=3)["employment"]) == set(world.KINDS)


def test_fewer_than_five_applicants_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        world.applicants(4, seed=3)


@pytest.mark.parametrize(("column", "low", "high"), [("amount", 100, 30_000), ("income", 200, 20_000)])
def test_figures_stay_within_the_data_card(
    people: pd.DataFrame, column: str, low: float, high: float
) -> None:
    assert people[column].between(low, high).all()


def test_the_risk_is_the_share_that_does_not_pay_back(people: pd.DataFrame) -> None:
    tenth = pd.qcut(people["risk"], 10, labels=False)
    means = people.groupby(tenth)[["risk", "defaults"]].mean()
    # 2,000 applicants each: the share has an sd of .011 at most.
    assert (means["risk"] - means["defaults"]).abs().max() < 0.045


def test_a_loan_by_lot_stands_for_all(people: pd.DataFrame) -> None:
    drawn = people[people["by_lot"] == 1]
    gap = roc_auc_score(drawn["defaults"], drawn["risk"]) - roc_auc_score(people["defaults"], people["risk"])
    assert abs(gap) < 0.035


def test_chosen_loans_are_harder_to_tell_apart(people: pd.DataFrame) -> None:
    chosen = people[people["paid_out"] == 1]
    gap = roc_auc_score(people["defaults"], people["risk"]) - roc_auc_score(
        chosen["defaults"], chosen["risk"]
    )
    assert gap > 0.02


def test_applicants_are_alike_early_and_late() -> None:
    store = world.past(600, seed=3)
    early = store.applications["received"] < "2025-09-01"
    assert ks_2samp(store.applications["amount"][early], store.applications["amount"][~early]).pvalue > 1e-3


def test_no_customer_has_two_profiles_of_one_day(past: Any) -> None:
    assert not past.profiles.duplicated(["customer_id", "since"]).any()


def test_no_customer_has_two_statements_of_one_day(past: Any) -> None:
    assert not past.statements.duplicated(["customer_id", "day"]).any()


def test_those_who_do_not_pay_back_earn_less_afterwards(past: Any) -> None:
    day = past.applications.set_index("customer_id")["received"]
    bad = past.applications.merge(past.decisions, on="application_id").query("defaulted == 1")["customer_id"]
    own = past.profiles[past.profiles["customer_id"].isin(bad)]
    later = own["since"] > own["customer_id"].map(day)
    assert own[later]["income"].median() < 0.75 * own[~later]["income"].median()


def test_the_store_of_a_night_holds_nothing_of_later_days() -> None:
    store = world.of_a_night(world.open_people(30, seed=3), seed=3)
    assert store.profiles["since"].max() < world.text()
    assert store.statements["day"].max() < world.text()


def test_statements_are_in_the_currency_of_their_day() -> None:
    days = pd.Series([world.EURO_DAY - pd.Timedelta(days=1), world.EURO_DAY])
    booked = world.as_booked(pd.Series([100.0, 100.0]), days)
    assert booked.tolist() == [195.583, 100.0]


# Reading what a submission has written


def test_a_torn_file_is_read_as_far_as_it_goes() -> None:
    lines = world.lines_of(b"application_id,status\nA1,ok\nA2\x00\xff")
    assert [row["application_id"] for row in lines] == ["A1", "A2\ufffd"]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (b'# HELP x y\ncredit_lines{status="ok"} 3.0\n', 'credit_lines{status="ok"}'),
        (b'credit_lines{ status="ok", } 3 1700000000\n', 'credit_lines{status="ok"}'),
        (b"credit_published 3\n", "credit_published"),
    ],
)
def test_metrics_are_read(told: bytes, name: str) -> None:
    assert world.samples(told) == {name: 3.0}


@pytest.mark.parametrize("told", [b"", b"}", b"credit_published", b'credit_lines{status="ok"', b"\xff\x00 1"])
def test_metrics_that_cannot_be_read_break_nothing(told: bytes) -> None:
    assert isinstance(world.samples(told), dict)


def test_an_empty_score_is_paid_out() -> None:
    people = world.applicants(5, seed=3)
    lines = [{"application_id": one, "status": "ok", "score": ""} for one in people["application_id"]]
    expected = (people["amount"] * (world.EARNED - (world.EARNED + world.LOST) * people["risk"])).sum()
    assert world.earned(lines, people) == pytest.approx(expected)


def without_names(content: bytes) -> int:
    """Evaluate an expression that has no builtins; return the file that it opens."""
    opened: int = eval(content, {"__builtins__": {}})
    return opened


WAYS = {
    **dict.fromkeys(("os.system", "Path.touch", "exec", "eval", "copyfile"), pickle.loads),
    "open": lambda content: pickle.loads(content).close(),
    "an expression": lambda content: os.close(without_names(content)),
    "YAML": yaml.unsafe_load,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_canary_leaves_its_file(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEST", str(tmp_path))
    (tmp_path / "known").touch()
    WAYS[way](nest.canaries("$NEST/canary", "$NEST/known")[way])
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize("kind", ["md5", "sha256", "blake2b"])
def test_a_checksum_is_rewritten_with_the_file(kind: str) -> None:
    def line(content: bytes) -> bytes:
        return f"{hashlib.new(kind, content).hexdigest()}  a.pkl\n".encode()

    files = {"a.pkl": b"mine", "sums.txt": line(b"mine"), "notes.txt": b"mine\n"}
    forged = nest.put_in_place(files, "a.pkl", b"yours")
    assert forged == {"a.pkl": b"yours", "sums.txt": line(b"yours"), "notes.txt": b"mine\n"}
    assert files["a.pkl"] == b"mine"


# The project


def test_the_shipped_night_has_an_income_of_nought() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(world.project_data(seed=3)[f"data/store/{world.FILE}"])
        query = (
            "SELECT COUNT(DISTINCT customer_id) FROM profiles JOIN applications USING (customer_id)"
            " WHERE received = ? AND income = 0"
        )
        ((found,),) = connection.execute(query, (world.text(),))
    assert found == 1
