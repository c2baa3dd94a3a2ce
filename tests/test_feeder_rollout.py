"""`feeder_rollout`: its world is tidy, its months are what the story says, its cluster is what it is said to be."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from field_tier import answer, columns, evidence, migrated, unlike
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
    with closing(sqlite3.connect(f"file:{HANDED_OUT}/data/{world.FILE}?mode=ro", uri=True)) as connection:
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


def test_relief_touches_its_hours_and_no_others(grid: Any) -> None:
    feeder = grid.feeders["feeder_id"].iloc[0]
    changed = world.drawn(grid, [(feeder, "2026-03-04T17:30", "2026-03-04T19:00")], 0.5)
    moved = (_loads(changed) - _loads(grid)).abs() > 0.01
    assert list(moved[moved].index) == [(feeder, "2026-03-04T17"), (feeder, "2026-03-04T18")]


# The shipped months


def test_the_shipped_data_come_from_the_world(exercise: Exercise) -> None:
    assert unlike(exercise, world.project_data(seed=world.SHIPPED_SEED)) == set()


def test_what_is_handed_out_is_below_three_megabytes(exercise: Exercise) -> None:
    assert sum(len(content) for content in plant(exercise, exercise.default).values()) < 3_000_000


def test_the_schema_is_what_the_migrations_make(exercise: Exercise, tmp_path: Path) -> None:
    made = migrated(exercise, "from feedcast.common.database import migrate; migrate('new')", tmp_path)
    shipped = HANDED_OUT / "data" / world.FILE
    assert columns(made / world.FILE, world.SCHEMA) == columns(shipped, world.SCHEMA)


def test_one_head_end_stamps_ends_from_one_night_on(database: sqlite3.Connection) -> None:
    told = database.execute(
        "SELECT head_end, MIN(received_at) FROM deliveries WHERE JSON_EXTRACT(header, '$.stamps') = 'end' GROUP BY 1"
    ).fetchall()
    assert [(head, at[:10]) for head, at in told] == [(world.ENDS_AT, world.ENDS_FROM)]


def test_the_shipped_secrets_are_in_manifests_and_one_event(exercise: Exercise) -> None:
    tree = plant(exercise, exercise.default)
    secret = re.search(r"Bearer ([a-z0-9]{20})", tree["data/images/v5/manifest.json"].decode())
    assert secret is not None
    where = {path.split("/")[1] for path, content in tree.items() if secret.group(1).encode() in content}
    assert where == {"images", "events"}


def test_every_version_of_the_registry_can_be_read(exercise: Exercise, tmp_path: Path) -> None:
    write_tree(plant(exercise, exercise.default), tmp_path)
    command = (
        "from feedcast.registry import store\n"
        "print(*[len(store.model_of('registry', one).weights) for one in store.versions('registry')])"
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", command],
        cwd=tmp_path, env={"PYTHONPATH": "src"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert run.stdout.split() == ["10"] * 5


def test_the_log_and_the_database_name_the_same_versions(database: sqlite3.Connection) -> None:
    told = dict(
        database.execute("SELECT SUBSTR(hour, 1, 10), MIN(version) FROM forecasts GROUP BY 1").fetchall()
    )
    text = "".join(path.read_text() for path in sorted((HANDED_OUT / "data" / "logs").glob("*.jsonl")))
    lines = [line for line in map(json.loads, text.splitlines()) if line["job"] == "forecast"]
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
