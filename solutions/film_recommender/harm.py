"""Harm of `film_recommender`: what an evening, and a figure, cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from unfit import Case
from unfit.experiments import Row, work_beyond

from .evening import (
    CATALOGUE,
    NEW,
    Evening,
    Setting,
    catalogue,
    evaluated,
    fresh_films,
    held_out,
    log_of,
    named,
    quiet,
    trained,
    world_of,
)
from .world import pleasure

FEW = 120
IN_TIME, HANGS = 0.8, 1.2
"""A quarter of a second is promised. A store that is given a timeout hangs by the clock. For who gives none it hangs in
real time: sound deadlines gave .15 to .26 on a busy machine, and a pool that is waited for the time of the hang."""


def products(case: Case) -> float:
    """Say what a row of many films costs beyond one of few, in products of the many with a taste."""
    vectors, taste = np.ones((CATALOGUE, 13), dtype="float32"), np.ones(13, dtype="float32")
    return work_beyond(case, _in_turn(case), lambda: vectors @ taste)


def _in_turn(case: Case) -> Iterator[tuple[Callable[[], Row], Callable[[], Row]]]:
    """Let viewers ask for a row of many films and for one of few; none asks twice."""
    with ExitStack() as both:
        many, few = (both.enter_context(Evening(case, catalogue(case, n))) for n in (CATALOGUE, FEW))
        for viewer in catalogue(case, FEW).known:
            yield lambda viewer=viewer: many.row(viewer), lambda viewer=viewer: few.row(viewer)


def fetches(case: Case, setting: Setting) -> float:
    """Model files that are fetched per request."""
    with Evening(case, setting) as evening:
        evening.films(named(range(40)))
        return len(evening.registry.fetched) / 40


def stale(case: Case, setting: Setting, new: Setting) -> float:
    """Share of rows that are not those of the new model; half of the viewers had asked before."""
    with Evening(case, setting) as evening:
        evening.films(named(range(10)))
        evening.publish(NEW, new.files)
        rows = evening.films(named(range(20)))
    right = fresh_films(case, new, rows.index)
    return float(np.mean([rows[viewer] != right[viewer] for viewer in rows.index]))


def lacking(case: Case, setting: Setting) -> float:
    """Share of films that a row lacks, where every viewer has opened a page before that showed four of them."""
    shares = []
    with Evening(case, setting) as evening:
        for viewer in named(range(20)):
            before = evening.row(viewer)["films"]
            evening.row(viewer, 10, before[:4])
            shares.append(len(set(before) - set(evening.row(viewer)["films"])) / len(before))
    return float(np.mean(shares))


def unanswered(case: Case, setting: Setting) -> float:
    """Share of newcomers without a row."""
    return float(fresh_films(case, setting, named(range(10), "N")).isna().mean())


def late(case: Case, setting: Setting) -> float:
    """Share of requests without a row in time; of twenty three meet a store that fails, and one a store that hangs."""
    missing = 0
    with Evening(case, setting) as evening:
        for number, viewer in enumerate(named(range(20))):
            evening.store.fails = ConnectionError("no route to host") if number in {5, 6, 7} else None
            evening.store.hangs = HANGS if number == 8 else 0.0
            began = evening.moment
            missing += evening.tried(viewer) is None or evening.moment - began > IN_TIME
    return missing / 20


def invented(case: Case) -> float:
    """The claimed share of hits, less that of the service's own rows of the evening before."""
    claimed = evaluated(case, log_of(case)).known["truth"]
    past, later = held_out(log_of(case))
    chosen = later.groupby("viewer")["film"].agg(set)
    rows = fresh_films(case, trained(case, past), claimed.index)
    hits = [bool(chosen[viewer] & set(films)) for viewer, films in rows.items()]
    return float(claimed.mean()) - float(np.mean(hits))


def disliked(case: Case, setting: Setting, new: Setting) -> float:
    """Share of the recommended films that is not watched, after a new model."""
    with Evening(case, setting) as evening:
        evening.publish(NEW, new.files)
        rows = evening.films(named(range(40)))
    return 1 - float(np.mean([pleasure(world_of(case), viewer, films) for viewer, films in rows.items()]))


def gone(case: Case) -> float:
    """Share of the films that nobody began of late, and that are then in none of forty rows of twenty."""
    log, films = quiet(case)
    with Evening(case, trained(case, log)) as evening:
        rows = [evening.tried(viewer, 20) for viewer in named(range(40))]
    seen = {film for row in rows if row for film in row["films"]}
    return float(np.mean([film not in seen for film in films]))


def slipped(case: Case, setting: Setting) -> float:
    """Share of films in a row that are others because the viewer began, before all others, a film that is too new."""
    viewers = named(range(20))
    known = setting.known | {viewer: {"F99999": 0.9} | setting.known[viewer] for viewer in viewers}
    usual, new = (fresh_films(case, one, viewers) for one in (setting, replace(setting, known=known)))
    return float(
        np.mean([len(set(usual[viewer]) - set(new[viewer])) / len(usual[viewer]) for viewer in viewers])
    )


def late_plays(case: Case, setting: Setting) -> float:
    """Minutes until a play shows, for who comes every five minutes; no more than two hours are looked at."""
    with Evening(case, setting) as evening:
        before = evening.row("V0004")["films"]
        evening.store.known["V0004"] = setting.known["V0005"]
        for minutes in range(5, 120, 5):
            evening.clock.now += 301
            if evening.row("V0004")["films"] != before:
                return float(minutes)
    return 120.0


def stuck(case: Case, setting: Setting, new: Setting) -> float:
    """Share of rows of a former model, an hour after its successor could not be fetched for a minute."""
    with Evening(case, setting) as evening:
        evening.registry.publish(NEW, new.files)
        evening.registry.breaks = NEW
        for minutes in (1, 60):
            evening.clock.now += 61 * minutes
            evening.row("V0299")
            evening.registry.breaks = ""
        evening.publish(NEW, new.files)
        return float(np.mean([evening.row(viewer)["model"] != NEW for viewer in named(range(10))]))
