"""`feeder_rollout`: its world is tidy, its months are what the story says, its cluster is what it is said to be."""

from __future__ import annotations

import hashlib
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
from unfit.planting import plant, write_tree

REPOSITORY = Path(__file__).parent.parent
SLUG = "feeder_rollout"
HANDED_OUT = REPOSITORY / "exercises" / SLUG
EVIDENCE = evidence(REPOSITORY / "solutions" / SLUG / "GUIDE.md")

world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def demand() -> pd.DataFrame:
    table: pd.DataFrame = world.demands(5, seed=9, days=10)
    return table


@pytest.fixture(scope="module")
def grid(demand: pd.DataFrame) -> Any:
    return world.tidy(demand, seed=9)


@pytest.fixture
def database() -> Any:
    with opened(HANDED_OUT / "data" / world.FILE) as connection:
        yield connection


def _loads(grid: Any) -> Any:
    """Read loads in the plainest way: an hour's counts times unit and factor."""
    heads = {
        one: json.loads(text)
        for one, text in zip(grid.deliveries["delivery_id"], grid.deliveries["header"], strict=True)
    }
    table = grid.readings.merge(grid.installations, on="meter_id")
    table = table.assign(
        load=table["value"] * table["factor"] * [heads[one]["scale"] for one in table["delivery_id"]],
        hour=[
            world.later(stamp, -heads[one]["cadence"] if heads[one].get("stamps") == "end" else 0)[:13]
            for one, stamp in zip(table["delivery_id"], table["stamp"], strict=True)
        ],
    )
    return table.groupby(["feeder_id", "hour"])["load"].sum()


# The world


def test_the_same_seed_gives_the_same_grid(demand: pd.DataFrame) -> None:
    assert world.tidy(demand, seed=5).content == world.tidy(demand, seed=5).content


def test_fewer_than_four_feeders_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        world.demands(3, seed=1)


def test_what_is_counted_is_what_is_drawn(demand: pd.DataFrame, grid: Any) -> None:
    truth = demand.assign(hour=demand["hour"].str[:13]).set_index(["feeder_id", "hour"])["demand"]
    found = _loads(grid)
    assert np.allclose(found, truth.reindex(found.index), atol=0.02)
    assert len(found) == len(truth)


def test_a_sunny_feeder_gives_back(demand: pd.DataFrame) -> None:
    assert (
        demand.groupby("kind")["demand"].min()["solar"] < 0 < demand.groupby("kind")["demand"].min()["homes"]
    )


def test_a_meter_is_replaced_and_its_feeder_goes_on(grid: Any) -> None:
    ended = grid.installations[grid.installations["until_at"] != world.OPEN]
    assert len(ended) == 1
    assert set(ended["until_at"]) < set(grid.installations["from_at"])


@pytest.mark.parametrize("cadence", [15, 30])
def test_finer_intervals_and_other_stamps_are_the_same_loads(grid: Any, cadence: int) -> None:
    numbers = [3, 4, 9]
    changed = world.ending(world.finer(grid, numbers, cadence), numbers)
    assert np.allclose(_loads(changed), _loads(grid), atol=0.001)
    assert len(changed.readings) > len(grid.readings)


def test_what_comes_again_is_right(grid: Any) -> None:
    changed = world.again(grid, [2, 5], wrong=0.5)
    table = changed.readings.drop_duplicates(["meter_id", "stamp"], keep="last")
    usual = grid.readings.set_index(["meter_id", "stamp"])["value"]
    assert np.allclose(usual, table.set_index(["meter_id", "stamp"])["value"].reindex(usual.index))


def test_shorter_intervals_are_not_alike(grid: Any) -> None:
    changed = world.finer(grid, [3, 4], 30)
    own = changed.readings[changed.readings["delivery_id"].isin([3, 4])]
    assert own.groupby("meter_id")["value"].diff().abs().min() > 0


def test_a_gap_is_filled_with_the_last_value_before_it(grid: Any) -> None:
    rows = world.gaps(grid, [3, 4, 9], (4,), share=0.9, seed=2)
    changed = world.filled(grid, rows).readings
    keys = ["delivery_id", "meter_id", "stamp"]
    inside = [tuple(row) in rows for row in changed[keys].itertuples(index=False)]
    assert len(rows) == sum(inside) == len(grid.readings) - len(world.without(grid, rows).readings) > 8
    assert (changed["value"] == changed["value"].shift())[inside].all()
    assert not (changed["value"] == changed["value"].shift())[~np.array(inside)].any()


def test_a_run_that_is_written_again_has_its_date_and_comes_last(grid: Any) -> None:
    hour = f"{world.plus(world.FIRST, 4)}T05:00"
    table = world.issued_again(grid, [("Elm", hour)], 2.0).weather
    own = table[(table["substation"] == "Elm") & (table["hour"] == hour)]
    assert list(own["issued_at"].duplicated()) == [False, False, True]
    assert own["temperature"].iloc[2] == pytest.approx(own["temperature"].iloc[1] + 2.0)


def test_relief_touches_its_hours_and_no_others(grid: Any) -> None:
    feeder = grid.feeders["feeder_id"].iloc[0]
    changed = world.drawn(grid, [(feeder, "2026-03-04T17:30", "2026-03-04T19:00")], 0.5)
    moved = (_loads(changed) - _loads(grid)).abs() > 0.01
    assert list(moved[moved].index) == [(feeder, "2026-03-04T17"), (feeder, "2026-03-04T18")]


# The shipped months


def test_the_shipped_data_come_from_the_world(exercise: Exercise) -> None:
    assert unlike(exercise, world.project_data(seed=world.SHIPPED_SEED)) == set()


def test_what_is_handed_out_is_below_four_megabytes(exercise: Exercise) -> None:
    assert sum(len(content) for content in plant(exercise, exercise.default).values()) < 4_000_000


def test_the_schema_is_what_the_migrations_make(exercise: Exercise, tmp_path: Path) -> None:
    made = migrated(exercise, "from feedcast.common.database import migrate; migrate('new')", tmp_path)
    shipped = HANDED_OUT / "data" / world.FILE
    assert columns(made / world.FILE, world.SCHEMA) == columns(shipped, world.SCHEMA)


def test_one_head_end_stamps_ends_from_one_night_on(database: sqlite3.Connection) -> None:
    told = database.execute(
        "SELECT head_end, MIN(received_at) FROM deliveries WHERE JSON_EXTRACT(header, '$.stamps') = 'end' GROUP BY 1"
    ).fetchall()
    assert [(head, at[:10]) for head, at in told] == [(world.ENDS_AT, world.ENDS_FROM)]


def test_no_secret_is_handed_out(exercise: Exercise) -> None:
    tree = plant(exercise, exercise.default)
    text = b"".join(
        content
        for path, content in tree.items()
        if path.startswith("data/") and path != "data/readings.sqlite"
    )
    assert not re.search(rb"Bearer [a-z0-9]|feedcast:[a-z0-9]+@", text)


def _built(tree: dict[str, bytes]) -> dict[str, set[str]]:
    """Name the files of each image that are not those of the registry."""
    found = {}
    for path, content in tree.items():
        if path.startswith("data/images/"):
            told = json.loads(content)
            names = {
                name
                for name, digest in told["files"].items()
                if digest != _digest(tree[f"registry/versions/{told['version']}/{name}"])
            }
            found[path.split("/")[2]] = names
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(json.dumps(json.loads(content), sort_keys=True).encode()).hexdigest()


def test_what_pods_have_of_the_last_version_is_not_what_the_registry_has(exercise: Exercise) -> None:
    found = _built(plant(exercise, exercise.default))
    assert {image for image, names in found.items() if names} == {"v5.21"}
    assert len(found) == 5


def test_processes_count_timeouts_from_one_day_on() -> None:
    gone = [line for line in logged(HANDED_OUT / "data" / "events") if line["event"] == "pod gone"]
    assert {"timed_out" in line for line in gone} == {False, True}
    assert all(("timed_out" in line) == (line["at"] > f"{world.TIMED_FROM}T05") for line in gone)


def test_every_version_of_the_registry_can_be_read(exercise: Exercise, tmp_path: Path) -> None:
    write_tree(plant(exercise, exercise.default), tmp_path)
    command = (
        "from feedcast.registry import store\n"
        "print(*[len(store.model_of('registry', one).weights) for one in store.versions('registry')])"
    )
    assert printed(command, folder=tmp_path).split() == ["10"] * 5


def test_the_log_and_the_database_name_the_same_versions(database: sqlite3.Connection) -> None:
    told = dict(
        database.execute("SELECT SUBSTR(hour, 1, 10), MIN(version) FROM forecasts GROUP BY 1").fetchall()
    )
    lines = [line for line in logged(HANDED_OUT / "data" / "logs") if line["job"] == "forecast"]
    assert len(lines) > 80
    assert all(line["version"] == told[world.plus(line["day"], 1)] for line in lines)


# The evidence


def test_the_guide_has_evidence_for_each_mistake(exercise: Exercise) -> None:
    assert len(EVIDENCE) >= len(exercise.default)


@pytest.mark.parametrize(("kind", "asked", "told"), EVIDENCE, ids=range(len(EVIDENCE)))
def test_the_evidence_of_the_guide_is_in_the_data(
    kind: str, asked: str, told: str, database: sqlite3.Connection
) -> None:
    assert answer(kind, asked, database, HANDED_OUT) == told
