"""`film_recommender`: its world is what the data card says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world

REPOSITORY = Path(__file__).parent.parent
SLUG = "film_recommender"


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
WHERE: Any = world.world(seed=5)
LOG: pd.DataFrame = world.plays(WHERE, seed=5)
MIDDLE = (world.FIRST_DAY + pd.Timedelta(days=world.DAYS // 2)).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


# The world


def test_a_catalogue_of_a_few_films_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        world.world(seed=5, films=12)


def test_plays_come_in_the_order_of_time() -> None:
    assert LOG["day"].is_monotonic_increasing


def test_nobody_begins_a_film_twice() -> None:
    assert not LOG.duplicated(["viewer", "film"]).any()


def test_nobody_watches_more_than_the_whole_film() -> None:
    assert LOG["minutes"].between(1, LOG["length"]).all()


def test_films_are_begun_as_often_early_as_late() -> None:
    assert chi2_contingency(pd.crosstab(LOG["day"] < MIDDLE, LOG["film"])).pvalue > 1e-4


def test_films_are_watched_as_far_early_as_late() -> None:
    share, early = LOG["minutes"] / LOG["length"], LOG["day"] < MIDDLE
    assert ks_2samp(share[early], share[~early]).pvalue > 1e-4


def test_a_viewer_watches_more_of_what_suits() -> None:
    viewers, films = (LOG[name].str[1:].astype(int) for name in ("viewer", "film"))
    liking = WHERE.liking[viewers, films]
    assert np.corrcoef(liking, LOG["minutes"] / LOG["length"])[0, 1] > 0.7


def test_tastes_differ_more_than_what_is_popular_allows() -> None:
    favourites = [world.pleasure(WHERE, viewer, best(viewer)) for viewer in WHERE.viewers]
    popular = [world.pleasure(WHERE, viewer, world.most_played(LOG, 10)) for viewer in WHERE.viewers]
    # The floor of `rows_please_their_viewers` lies between.
    assert np.mean(popular) < 0.39 < np.mean(favourites)


def best(viewer: str) -> list[str]:
    order = np.argsort(-WHERE.liking[WHERE.viewers.index(viewer)])[:10]
    return [WHERE.films[at] for at in order]


def test_an_empty_row_pleases_nobody() -> None:
    assert world.pleasure(WHERE, "V0001", []) == 0.0


def test_a_resumed_film_ends_with_the_line_in_force() -> None:
    last = world.resumed(LOG, seed=1).drop_duplicates(["viewer", "film"], keep="last")
    keys = ["viewer", "film"]
    assert last.sort_values(keys, ignore_index=True).equals(LOG.sort_values(keys, ignore_index=True))


def test_some_films_are_resumed() -> None:
    assert world.resumed(LOG, seed=1).duplicated(["viewer", "film"]).sum() > 50


def test_only_who_watches_to_the_end_pauses() -> None:
    longer = world.paused(LOG, seed=1)
    over = longer["minutes"] > longer["length"]
    assert over.sum() > 10
    assert (LOG["minutes"] == LOG["length"])[over].all()
    assert longer[~over].equals(LOG[~over])


def test_the_store_knows_what_the_log_says() -> None:
    known = world.shares(world.paused(world.resumed(LOG, seed=1), seed=1))
    assert known == world.shares(LOG)


def test_two_logs_of_a_world_have_the_same_films_and_other_plays() -> None:
    other = world.plays(WHERE, seed=6)
    assert set(other["film"]) == set(LOG["film"])
    assert not other["film"].equals(LOG["film"])


def test_titles_are_all_different() -> None:
    assert len(set(world.titles(120, seed=5))) == 120


# The project


def test_the_store_that_ships_knows_every_viewer_of_the_log(exercise: Exercise) -> None:
    store = json.loads((exercise.project / "data/store.json").read_text())
    log = pd.read_csv(exercise.project / "data/plays.csv")
    assert set(store) == set(log["viewer"])
