"""`overnight_drop`: its world is stationary, its incidents do what the story says, and its checks judge rightly."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency, ks_2samp

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world

REPOSITORY = Path(__file__).parent.parent
SLUG = "overnight_drop"


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
LARGE = [name for name, share in world.DEPOTS.items() if share >= 0.25]
INCIDENTS = [
    *(("unit", depot, field) for depot in LARGE for field in world.UNITS),
    *(("recode", depot, "cooler") for depot in LARGE),
    *(("missing", None, field) for field in ("temperature_c", "cooler")),
    *(("stuck", depot, field) for depot in LARGE for field in world.STUCK_AT),
    *(("model", depot, "none") for depot in LARGE),
]
SEEDS = range(32, 44)


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def calm() -> pd.DataFrame:
    table: pd.DataFrame = world.log(60, 400, seed=9)
    return table


def right(table: pd.DataFrame) -> pd.Series:
    judged: pd.Series = (table["score"] >= 0.5) == (table["soured"] == 1)
    return judged


@cache
def shipped_log(seed: int) -> pd.DataFrame:
    table: pd.DataFrame = world.shipped_log(seed=seed)
    return table


@cache
def accuracy(incident: Any = None) -> float:
    table = world.loads(20_000, seed=6).assign(model=world.APPROVED[0])
    struck = table if incident is None else world.strike(table, incident)
    return float(right(struck.assign(score=world.scores(struck))).mean())


# The world


@pytest.mark.parametrize("column", world.NUMBERS)
def test_readings_stay_within_the_data_card(column: str) -> None:
    values = world.loads(5000, seed=5)[column].dropna()
    assert values.between(*world.RANGES[column]).all()


@pytest.mark.parametrize("column", world.NUMBERS)
def test_another_unit_lies_outside_the_data_card(column: str) -> None:
    values = world.loads(5000, seed=5)[column].dropna()
    changed = world.UNITS.get(column, lambda same: same + 1e6)(values)
    assert not changed.between(*world.RANGES[column]).any()


@pytest.mark.parametrize("column", world.NUMBERS)
def test_readings_are_alike_early_and_late(calm: pd.DataFrame, column: str) -> None:
    early = calm["day"] < sorted(calm["day"].unique())[30]
    assert ks_2samp(calm.loc[early, column].dropna(), calm.loc[~early, column].dropna()).pvalue > 1e-4


@pytest.mark.parametrize("column", ["depot", "cooler"])
def test_categories_are_alike_early_and_late(calm: pd.DataFrame, column: str) -> None:
    early = calm["day"] < sorted(calm["day"].unique())[30]
    assert chi2_contingency(pd.crosstab(early, calm[column])).pvalue > 1e-4


def test_no_ordinary_day_is_judged_worse_than_the_others(calm: pd.DataFrame) -> None:
    known = calm.dropna(subset=["soured"])
    share = right(known).mean()
    days = right(known).groupby(known["day"])
    assert min(binomtest(int(day.sum()), len(day), share).pvalue for _, day in days) > 1e-4


def test_an_outcome_is_known_a_week_later(calm: pd.DataFrame) -> None:
    known = calm.dropna(subset=["known"])
    late = pd.to_datetime(known["known"]) - pd.to_datetime(known["day"])
    assert set(late.dt.days) == {7}


def test_no_outcome_is_known_after_the_last_day(calm: pd.DataFrame) -> None:
    assert calm["known"].dropna().max() == calm["day"].max()


def test_a_record_holds_no_outcome() -> None:
    (record,) = world.records(world.loads(1, seed=5))
    assert "soured" not in record


def test_loads_of_the_log_have_names_of_their_own(calm: pd.DataFrame) -> None:
    assert calm["load_id"].is_unique


# The incidents


@pytest.mark.parametrize(("mechanism", "depot", "field"), INCIDENTS)
def test_each_incident_costs_about_ten_points(mechanism: str, depot: str | None, field: str) -> None:
    drop = accuracy() - accuracy(world.Incident(mechanism, depot, field))
    assert 0.06 < drop < 0.15


def test_only_incidents_with_a_proven_drop_are_drawn() -> None:
    drawn = {(found.mechanism, found.depot, found.field) for found in map(incident, range(300))}
    assert drawn <= set(INCIDENTS)


def incident(seed: int) -> Any:
    return world.incident_of(seed=seed)


def test_every_mechanism_but_the_herrings_is_drawn() -> None:
    herrings = {"traffic", "labels"}
    assert {incident(seed).mechanism for seed in range(100)} == set(world.MECHANISMS) - herrings


def solve(log: pd.DataFrame) -> dict[str, str]:
    """Name the incident from the log alone, as a careful reader would."""
    clues: list[tuple[str, str, pd.Series]] = [
        ("unit", field, log[field].notna() & ~log[field].between(*world.RANGES[field]))
        for field in world.NUMBERS
    ]
    clues.append(("model", "none", ~log["model"].isin(world.APPROVED)))
    cells = log.groupby(["day", "depot"])
    for field in (*world.NUMBERS, "cooler"):
        clues.append(("missing", field, cells[field].transform(lambda values: values.isna().mean()) > 0.6))
        if field != "cooler":
            commonest = cells[field].transform(lambda values: values.value_counts(normalize=True).max())
            clues.append(("stuck", field, commonest > 0.6))
    for mechanism, field, hit in clues:
        if hit.sum() > 30:
            depots = set(log.loc[hit, "depot"])
            segment = f"depot={depots.pop()}" if len(depots) == 1 else "all"
            return {
                "onset": log.loc[hit, "day"].min(),
                "segment": segment,
                "field": field,
                "mechanism": mechanism,
            }
    days = sorted(log["day"].unique())
    surprise = {
        (depot, day): float(chi2_contingency(pd.crosstab(table["day"] >= day, table["cooler"])).statistic)
        for depot, table in log.groupby("depot")
        for day in days[10:25]
    }
    depot, onset = max(surprise, key=lambda cut: surprise[cut])
    return {"onset": onset, "segment": f"depot={depot}", "field": "cooler", "mechanism": "recode"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_log_tells_what_happened(seed: int) -> None:
    truth, found = world.diagnosis(seed=seed), solve(shipped_log(seed))
    off = abs((pd.Timestamp(found.pop("onset")) - pd.Timestamp(truth.pop("onset"))).days)
    assert (found, off <= 1) == (truth, True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_shipped_month_drops_at_the_onset(seed: int) -> None:
    known = shipped_log(seed).dropna(subset=["soured"])
    after = known["day"] >= world.diagnosis(seed=seed)["onset"]
    # About 400 loads after the onset: the drop of .06 to .15 has sd .022.
    assert right(known[~after]).mean() - right(known[after]).mean() > 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_the_flush_costs_nothing(seed: int) -> None:
    month = world.month_of(seed=seed)
    known = shipped_log(seed).dropna(subset=["soured"])
    there = known[known["depot"] == month.flush_depot]
    if month.incident.depot is None:
        return
    assert abs(right(there).mean() - accuracy()) < 0.06


@pytest.mark.parametrize("seed", SEEDS)
def test_the_board_drops_where_outcomes_are_late_and_the_truth_does_not(seed: int) -> None:
    month, log = world.month_of(seed=seed), shipped_log(seed)
    day = sorted(log["day"].unique())[month.late]
    (board,) = [
        line["value"]
        for line in world.events(log, past=world.history(100, seed=seed), seed=seed)
        if line["event"] == "accuracy" and line["of"] == day
    ]
    assert board < float(right(log[log["day"] == day]).mean()) - 0.05


def test_the_deploy_comes_before_the_drop() -> None:
    months = [world.month_of(seed=seed) for seed in SEEDS]
    assert all(2 <= month.onset - month.deploy <= 3 for month in months)


def test_a_herring_is_never_in_the_depot_of_the_incident() -> None:
    months = [world.month_of(seed=seed) for seed in SEEDS]
    assert all(month.incident.depot not in {month.flush_depot, *month.late_depots} for month in months)


# The project


def test_the_shipped_events_count_the_pages_of_the_shipped_watch(tmp_path: Path) -> None:
    place = shutil.copytree(REPOSITORY / "exercises" / SLUG, tmp_path / SLUG)

    def souring(verb: str) -> str:
        command = [sys.executable, "-m", "souring", verb]
        env = {**os.environ, "PYTHONPATH": "src"}
        return subprocess.run(command, cwd=place, env=env, check=True, capture_output=True, text=True).stdout

    souring("train")
    sent: Counter[str] = Counter()
    for line in souring("watch").splitlines():
        day, _, _, count = line.split(" ")
        sent[day] += int(count.removeprefix("x"))
    events = [json.loads(line) for line in (place / "data" / "events.jsonl").read_text().splitlines()]
    noted = {
        line["time"][:10]: line["count"] for line in events if line["event"] == "pages" and line["count"]
    }
    assert noted == sent


def test_the_diagnosis_has_the_keys_of_the_template(exercise: Exercise) -> None:
    template = tomllib.loads((exercise.project / "diagnosis.toml").read_text())
    assert list(template)[:4] == list(world.diagnosis(seed=1))


def test_the_template_lists_the_mechanisms(exercise: Exercise) -> None:
    template = (exercise.project / "diagnosis.toml").read_text().splitlines()
    listed = {line for line in template if line.startswith('#   "')}
    assert listed == {f'#   "{name}"'.ljust(16) + line for name, line in world.MECHANISMS.items()}


def test_a_line_of_the_log_holds_the_fields_of_the_data_card(exercise: Exercise) -> None:
    lines = world.project_data(seed=1)["data/batches/2026-04-01.jsonl"].decode().splitlines()
    assert list(json.loads(lines[0])) == [*world.FIELDS, "model", "score", "soured", "known"]


# The harm


def test_a_load_without_a_score_is_judged_wrongly() -> None:
    wrong = world._wrong(np.array([0.9, np.nan, 0.1, 0.9]), np.array([True, True, True, False]))
    assert wrong == 750.0
