"""Hidden checks of `film_recommender`: each simulates, calls and compares."""

from __future__ import annotations

import math
import time
import timeit
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

import numpy as np
import pandas as pd

from unfit import Case, check, incident, measure

from .doubles import Clock, Registry, Store
from .world import World, evening_before, most_played, paused, plays, pleasure, resumed, shares, world

TRAIN, EVALUATE = "matinee.train:train", "matinee.evaluate:evaluate"
START, RECOMMEND, METRICS = "matinee.worker:start", "matinee.worker:recommend", "matinee.worker:metrics"

OLD, NEW = "2026-03-29", "2026-04-05"
MINUTE = 61.0
SESSION = 30.0
"""Processor seconds of a whole session."""

Row = dict[str, Any]


def _usual(case: Case) -> tuple[World, pd.DataFrame]:
    """The world that most checks share, so that its model is trained once."""
    where = world(seed=case.shared_seed)
    return where, plays(where, seed=case.shared_seed)


def _trained(case: Case, log: pd.DataFrame, *, seed: int | None = None) -> dict[str, bytes]:
    """Train; return the files that the registry hands out."""
    folder = case.folder()
    case.call(TRAIN, log, folder, seed=case.shared_seed if seed is None else seed)
    return folder.files


class Evening:
    """A worker in a session of its own, with everything that it asks.

    Parameters
    ----------
    case : Case
    files : dict of str to bytes
        The model in force.
    known : dict
        What the store knows.

    Attributes
    ----------
    rows : list of dict
        Every row that came.
    """

    def __init__(self, case: Case, files: dict[str, bytes], known: dict[str, dict[str, float]]) -> None:
        self.files, self.known = files, known
        self.clock = Clock()
        self.store = Store(known, self.clock)
        self.registry = Registry(OLD, files, self.clock)
        self.rows: list[Row] = []
        self._session = case.session(seconds=SESSION)
        asked = ((self.registry, ("latest", "fetch")), (self.store, ("get",)), (self.clock, ("time",)))
        self._session.call(START, *(case.double(target, methods) for target, methods in asked))

    def close(self) -> None:
        """End the worker, so that the next one finds room."""
        self._session.close()

    def row(self, viewer: str, n: int = 10, shown: tuple[str, ...] = ()) -> Row:
        """Ask for a row; a request that raises ends the check."""
        return self._answered(lambda: self._session.call(RECOMMEND, viewer, n, list(shown)))

    def tried(self, viewer: str, n: int = 10, shown: tuple[str, ...] = ()) -> Row | None:
        """Ask for a row; nothing where the request raises."""
        return self._answered(lambda: self._session.attempt(RECOMMEND, viewer, n, list(shown)).value)

    def _answered(self, ask: Callable[[], Any]) -> Any:
        """Ask once more where a healthy store seemed not to answer: the machine may be busy."""
        for _ in range(3):
            row = ask()
            self.rows += [row] if row is not None else []
            if row is None or row["source"] != "fallback" or self.store.ill:
                break
        return row

    def metrics(self) -> dict[str, float]:
        """Read the metrics."""
        told: dict[str, float] = self._session.call(METRICS)
        return told

    def publish(self, version: str, files: dict[str, bytes]) -> None:
        """Put a model in force, let a minute pass, and let a request notice; some load in the background."""
        self.registry.publish(version, files)
        self.clock.now += MINUTE
        for _ in range(10):
            if self.row("V0299")["model"] == version:
                break
            time.sleep(0.1)

    def roll_back(self) -> None:
        """Put the former model in force again."""
        self.publish(OLD, self.files)


def _evening(case: Case, *, known: dict[str, dict[str, float]] | None = None) -> tuple[World, Evening]:
    where, log = _usual(case)
    return where, Evening(case, _trained(case, log), shares(log) if known is None else known)


def _next_model(case: Case) -> dict[str, bytes]:
    """Learn another model of the same films: other viewers were active."""
    return _trained(case, plays(world(seed=case.shared_seed), seed=case.shared_seed + 1))


def _differing(one: list[Row], other: list[Row]) -> int:
    return sum(a["films"] != b["films"] for a, b in zip(one, other, strict=True))


# Guards


@check
def a_row_holds_what_was_asked_for(case: Case) -> None:
    """A row holds n films, none twice, none that was begun, and none that the page shows already."""
    where, evening = _evening(case)
    wrong = []
    for viewer, n, more in (("V0001", 1, 0), ("V0002", 10, 0), ("V0003", 25, 3), ("V0004", 12, 8)):
        first = evening.row(viewer, 40)["films"]
        shown = tuple(first[:more])
        row = evening.row(viewer, n, shown)
        films = row["films"]
        case.equal(f"films for {viewer}", len(films), n)
        case.equal(
            f"what else {viewer} is told",
            [row["viewer"], row["source"], row["model"]],
            [viewer, "personal", OLD],
        )
        begun = set(evening.known[viewer])
        wrong += [film for film in films if film not in where.films or film in begun or film in shown]
        wrong += [film for film in set(films) if films.count(film) > 1]
    case.equal("films that have no place in their row", wrong, [])


# Reference: .46 to .49 over six worlds; the films that are most popular .31; sd of the mean of 40 viewers .013.
FLOOR = 0.39


@check
def rows_please_their_viewers(case: Case) -> None:
    """Viewers like what is in their rows far better than what is popular with everybody."""
    where, evening = _evening(case)
    rows = {viewer: evening.tried(viewer) for viewer in where.viewers[:40]}
    personal = {
        viewer: row["films"]
        for viewer, row in rows.items()
        if row is not None and row["source"] == "personal"
    }
    # The store is well: where one or two rows are fallbacks, the machine was busy.
    case.compare("personal rows", seen=len(personal), limit=36, direction="at least", unit="of 40")
    liked = [pleasure(where, viewer, films) for viewer, films in personal.items()]
    seen = np.mean(liked) if liked else 0.0
    case.compare(
        "share of a recommended film that is watched",
        seen=float(seen),
        limit=FLOOR,
        direction="at least",
        sd=0.013,
    )


@check
def who_comes_back_costs_the_store_nothing(case: Case) -> None:
    """A viewer who comes back within ten minutes costs the store nothing, and later the store is asked again."""
    where, evening = _evening(case)
    viewers = where.viewers[:30]
    first = [evening.row(viewer) for viewer in viewers]
    asked = len(evening.store.asked)
    evening.clock.now += 540
    case.equal("rows nine minutes later", [evening.row(viewer) for viewer in viewers], first)
    case.equal("times that the store was asked in between", len(evening.store.asked) - asked, 0)
    evening.store.shares["V0001"] = evening.store.shares["V0002"]
    evening.clock.now += 70
    later, other = evening.row("V0001"), evening.row("V0002")
    case.equal("row after ten minutes, of a viewer with another's taste", later["films"], other["films"])


@check
def a_new_model_is_in_force_within_a_minute(case: Case) -> None:
    """A minute after a model was put in force, rows of viewers who had not asked before name it."""
    new = _next_model(case)
    _, evening = _evening(case)
    before = evening.row("V0001")["model"]
    evening.publish(NEW, new)
    after = evening.row("V0002")["model"]
    evening.roll_back()
    case.equal("models", [before, after, evening.row("V0003")["model"]], [OLD, NEW, OLD])


@check
def the_model_stays_while_the_registry_is_away(case: Case) -> None:
    """While the registry is away the model in force stays, and when it is back its newest model is found."""
    new = _next_model(case)
    where, evening = _evening(case)
    before = [evening.row(viewer) for viewer in where.viewers[:3]]
    evening.registry.away = True
    evening.clock.now += 700
    away = [evening.row(viewer) for viewer in where.viewers[:3]]
    case.equal("rows while it is away", away, before)
    evening.registry.away = False
    evening.publish(NEW, new)
    case.equal("model when it is back", evening.row("V0009")["model"], NEW)


@check
def requests_are_counted(case: Case) -> None:
    """Every row is counted as a request."""
    _, evening = _evening(case)
    for number in (1, 2, 1, 3):
        evening.row(f"V{number:04d}")
    case.equal("requests", evening.metrics().get("requests"), float(len(evening.rows)))


@check
def the_figure_rests_on_real_viewers(case: Case) -> None:
    """The claimed figure is the share of hits among real held-out viewers, and better than chance."""
    _, log = _usual(case)
    report = case.call(EVALUATE, log, seed=case.shared_seed)
    rows = report["held_out"]
    past, later = _held_out(log)
    active = set(past["viewer"]) & set(later["viewer"])
    case.equal("viewers", sorted(rows["viewer"]), sorted(active))
    begun = {viewer: set(own["film"]) for viewer, own in later.groupby("viewer")}
    hits = [bool(begun.get(row.viewer, set()) & set(row.films)) for row in rows.itertuples()]
    case.equal(
        "hits that are claimed wrongly", int((rows["hit"].to_numpy(dtype=bool) != np.array(hits)).sum()), 0
    )
    case.equal("rows with other than ten films", int((rows["films"].map(len) != 10).sum()), 0)
    share = float(np.mean(hits)) if hits else 0.0
    case.compare("claimed less recomputed figure", seen=abs(report["value"] - share), limit=1e-9)
    # Ten films at random hit .26 to .31 over eight worlds, the reference .51 to .60; sd of a share of 270 viewers .03.
    case.compare("share of hits", seen=share, limit=0.38, direction="at least", sd=0.03)


def _held_out(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a log where the evaluation does, two weeks before its end."""
    later = log["day"] > evening_before(log, days=14)
    return log[~later], log[later]


@check
def a_rerun_gives_the_same(case: Case) -> None:
    """Training and evaluating once more on the same log gives the same rows and the same figure."""
    where, log = _usual(case)

    def ask(seed: int) -> tuple[list[Row], float]:
        rows = _rows_of(case, _trained(case, log, seed=seed), where.viewers[:8], shares(log))
        return rows, case.call(EVALUATE, log, seed=seed)["value"]

    rows, figures = zip(*case.apart(ask, (case.shared_seed, case.shared_seed + 1)), strict=True)
    case.equal("{seen} rows differ", _differing(*rows), 0)
    case.compare("the figure moved by {seen}", seen=abs(figures[0] - figures[1]), limit=1e-9)


def _rows_of(
    case: Case, files: dict[str, bytes], viewers: list[str], known: dict[str, dict[str, float]]
) -> list[Row]:
    """Rows of a worker that has just been started on some files."""
    with closing(Evening(case, files, known)) as evening:
        return [evening.row(viewer) for viewer in viewers]


# The model


# Five a version leave room for one more at the start, and for workers that look twice; once a request is 30.
FETCHES = 5


@check(requires=("a_new_model_is_in_force_within_a_minute",))
def a_version_is_fetched_once(case: Case) -> None:
    """A version is fetched once, and not again for later requests, viewers or minutes."""
    new = _next_model(case)
    _, evening = _evening(case)
    _seven_minutes(evening)
    fetched = evening.registry.fetched
    case.compare("fetches for 30 requests in seven minutes", seen=len(fetched), limit=FETCHES)
    evening.publish(NEW, new)
    _seven_minutes(evening)
    case.compare("fetches of the next version", seen=fetched.count(NEW), limit=FETCHES)


def _seven_minutes(evening: Evening) -> None:
    """Let a request arrive every fourteen seconds."""
    for number in range(30):
        evening.clock.now += 14
        evening.row(f"V{number % 12:04d}")


@check(requires=("a_new_model_is_in_force_within_a_minute",))
def a_new_model_is_searched_in_its_own_index(case: Case) -> None:
    """After a change of model, rows of viewers who had not asked before are those of a worker started after it."""
    where, log = _usual(case)
    viewers, new = where.viewers[20:32], _next_model(case)

    def ask(started_after: bool) -> list[Row]:
        if started_after:
            return _rows_of(case, new, viewers, shares(log))
        _, evening = _evening(case)
        for viewer in where.viewers[:3]:
            evening.row(viewer)
        evening.publish(NEW, new)
        return [evening.row(viewer) for viewer in viewers]

    rows, fresh = case.apart(ask, (False, True))
    case.equal("{seen} rows differ from a fresh worker's", _differing(rows, fresh), 0)


OTHER_INDEX = "while a new model is searched in another one's index, no row of it is right, kept or not"


@check(
    requires=("a_new_model_is_in_force_within_a_minute", "who_comes_back_costs_the_store_nothing"),
    blocked_by={"a_new_model_is_searched_in_its_own_index": OTHER_INDEX},
)
def rows_come_from_the_model_that_they_name(case: Case) -> None:
    """Rows of viewers who had asked before a change of model are those of a worker that was started after it."""
    where, log = _usual(case)
    viewers, new = where.viewers[:12], _next_model(case)

    def ask(started_after: bool) -> list[list[Row]]:
        if started_after:
            return [_rows_of(case, new, viewers, shares(log))]
        _, evening = _evening(case)
        old = [evening.row(viewer) for viewer in viewers]
        evening.publish(NEW, new)
        rows = [evening.row(viewer) for viewer in viewers]
        evening.roll_back()
        return [old, rows, [evening.row(viewer) for viewer in viewers]]

    (old, rows, back), (fresh,) = case.apart(ask, (False, True))
    case.compare("{seen} rows differ by model", seen=_differing(old, fresh), limit=10, direction="at least")
    case.equal("{seen} rows of another model than a fresh worker's", _differing(rows, fresh), 0)
    case.equal("{seen} rows of another model after it was taken back", _differing(back, old), 0)


# What is kept

ROOM, AGAIN = 150, 60
# 300 viewers ask, and then 60 of them at random once more. Whatever is let go, at most 150 of 300 are kept, so at most
# 30 of the 60 cost the store nothing on average, with a standard deviation of 3.5; kept for ever, it is all 60.
FREE = 48


@check(requires=("a_row_holds_what_was_asked_for",))
def a_worker_keeps_a_bounded_number_of_rows(case: Case) -> None:
    """Of twice as many viewers as there is room for, no more are kept than there is room for."""
    where, log = _usual(case)
    # The viewers of this evening have the tastes of others, and names of their own.
    known = shares(log)
    crowd = {f"W{at:05d}": known[where.viewers[at % len(where.viewers)]] for at in range(2 * ROOM)}
    _, evening = _evening(case, known=crowd)
    for viewer in crowd:
        evening.row(viewer, 1)
    asked = len(evening.store.asked)
    again = np.random.default_rng([case.seed, 1]).choice(sorted(crowd), AGAIN, replace=False)
    for viewer in again:
        evening.row(str(viewer), 1)
    free = AGAIN - (len(evening.store.asked) - asked)
    case.compare(
        "viewers who come back and cost the store nothing", seen=free, limit=FREE, unit=f"of {AGAIN}"
    )


@check(requires=("a_row_holds_what_was_asked_for",))
def what_one_page_shows_is_not_missing_from_others(case: Case) -> None:
    """What a page showed already is not missing from the rows of later pages, the viewer's own and others'."""
    where, evening = _evening(case)
    before = [evening.row(viewer) for viewer in where.viewers[:6]]
    for row in before:
        evening.row(row["viewer"], 10, tuple(row["films"][:4]))
    after = [evening.row(viewer) for viewer in where.viewers[:6]]
    case.equal("rows that lack films", _differing(after, before), 0)
    evening.store.shares["W0000"] = evening.known["V0000"]
    films = before[0]["films"]
    evening.row("W0000", 10, tuple(films[:4]))
    case.equal("row of a viewer whose first page showed some", evening.row("W0000")["films"], films)
    _others_keep_theirs(case, "newcomers", evening, ("N0001", "N0002", "N0003"))
    evening.store.fails = ConnectionError("the feature store cannot be reached")
    _others_keep_theirs(case, "without the store", evening, ("V0101", "V0102", "V0103"))


def _others_keep_theirs(case: Case, label: str, evening: Evening, viewers: tuple[str, str, str]) -> None:
    """Let two pages show some popular films, and look at a third one's; what raises is another check's matter."""
    first, second, third = viewers
    row = evening.tried(first)
    if row is None:
        return
    for viewer in (first, second):
        evening.tried(viewer, 10, tuple(row["films"][:4]))
    other = evening.tried(third)
    if other is not None:
        case.equal(f"{label}: the third page's row", other["films"], row["films"])


# Nobody known, and no store


@check
def a_viewer_of_whom_nothing_is_known_gets_popular_films(case: Case) -> None:
    """A viewer of whom nothing is known, or no film that the model knows, gets popular films as a newcomer."""
    _, log = _usual(case)
    strange = {"N0002": {}, "N0003": {"F99998": 0.9, "F99999": 0.4}}
    _, evening = _evening(case, known=shares(log) | strange)
    for viewer, who in (
        ("N0001", "not in the store"),
        ("N0002", "nothing begun"),
        ("N0003", "films that are too new"),
    ):
        row = evening.tried(viewer)
        if case.confirm(f"{who}: gets a row", holds=row is not None) and row is not None:
            case.equal(f"{who}: source", row["source"], "newcomer")
            _popular(case, who, row["films"], log)
    evening.store.shares["N0004"] = evening.known["V0001"] | strange["N0003"]
    sources = [evening.row(viewer)["source"] for viewer in ("V0002", "N0004")]
    case.equal("sources of known viewers, one with films that are too new", sources, ["personal"] * 2)


# The ten films with the most plays, as a floor for their sum: ties and days at the edge cost a few plays.
MOST_OF = 0.9


def _popular(case: Case, label: str, films: list[str], log: pd.DataFrame) -> None:
    """Compare how often the films were begun with what the ten most popular ones come to."""
    case.equal(f"{label}: films", len(set(films)), 10)
    counts = log.loc[log["day"] > evening_before(log, days=28), "film"].value_counts()
    seen = counts.reindex(films).fillna(0).sum() / counts.reindex(most_played(log, 10)).sum()
    case.compare(
        f"{label}: plays, of those of the ten most popular", seen=seen, limit=MOST_OF, direction="at least"
    )


# A quarter of a second is promised. Sound deadlines gave .15 to .26 on a busy machine; three tries more than half a
# second, and a pool that is waited for the time of the hang.
IN_TIME, HANGS = 0.6, 1.2


@check(requires=("a_row_holds_what_was_asked_for",))
def a_row_comes_in_time_while_the_store_hangs(case: Case) -> None:
    """While the store hangs a row comes in time, with popular films; once it answers, rows are personal again."""
    where, log = _usual(case)
    viewers, regulars = where.viewers[10:14], where.viewers[14:17]
    fresh = _rows_of(case, _trained(case, log), viewers + regulars, shares(log))
    for _ in range(3):  # the machine may have been busy
        _, evening = _evening(case)
        slowest, rows = _hung(evening, viewers, regulars)
        if slowest <= IN_TIME:
            break
        evening.close()
    case.compare("slowest row while the store hangs", seen=slowest, limit=IN_TIME, unit="seconds")
    for row in rows:
        case.equal(f"source for {row['viewer']}", row["source"], "fallback")
        _popular(case, f"films for {row['viewer']}", row["films"], log)
    if slowest <= IN_TIME:
        time.sleep(HANGS + 0.3)  # until every call that hangs has come back
        _personal_again(case, evening, fresh)


def _hung(evening: Evening, viewers: list[str], regulars: list[str]) -> tuple[float, list[Row]]:
    """Ask for rows while the store hangs; stop at the first one that is late.

    Some viewers were here more than ten minutes ago, some never, one is known to nobody, and one page shows films.
    """
    shown = tuple(evening.row(regulars[0])["films"][:2])
    for viewer in (*regulars, "V0001"):
        evening.row(viewer)
    evening.clock.now += 601
    evening.store.hangs = HANGS
    slowest, rows = 0.0, []
    for viewer in (*regulars, *viewers, "N0001"):
        began = time.monotonic()
        rows.append(evening.row(viewer, shown=shown if viewer == viewers[-1] else ()))
        slowest = max(slowest, time.monotonic() - began)
        if slowest > IN_TIME:
            break
    evening.store.hangs = 0.0
    return slowest, rows


def _personal_again(case: Case, evening: Evening, fresh: list[Row]) -> None:
    """Half a minute after the store has recovered, and some requests later, everybody's row is a fresh worker's."""
    evening.clock.now += 31
    for number in range(30, 33):
        evening.row(f"V{number:04d}")
    again = [evening.row(row["viewer"]) for row in fresh]
    case.equal("sources once the store answers", [row["source"] for row in again], ["personal"] * len(fresh))
    case.equal("rows that differ from a fresh worker's", _differing(again, fresh), 0)


@check(requires=("a_row_holds_what_was_asked_for",))
def a_row_comes_while_the_store_fails(case: Case) -> None:
    """While the store cannot be reached, or reports that it took too long, a row comes with popular films."""
    _, log = _usual(case)
    _, evening = _evening(case)
    known = evening.row("V0001")
    for error in (ConnectionError("no route to host"), TimeoutError("no answer")):
        evening.store.fails = error
        label = type(error).__name__
        row = evening.tried("V0010" if label == "ConnectionError" else "V0011")
        if case.confirm(f"{label}: a row comes", holds=row is not None) and row is not None:
            case.equal(f"{label}: source and model", [row["source"], row["model"]], ["fallback", OLD])
            _popular(case, label, row["films"], log)
    case.equal("row of a viewer who comes back", evening.tried("V0001"), known)


@check(after=("a_row_comes_while_the_store_fails",))
def rows_are_personal_again_once_the_store_answers(case: Case) -> None:
    """Half a minute after the store has recovered, rows are personal again, of those who got other ones, too."""
    where, log = _usual(case)
    viewers = where.viewers[10:14]
    fresh = _rows_of(case, _trained(case, log), viewers, shares(log))
    _, evening = _evening(case)
    evening.store.fails = ConnectionError("no route to host")
    for viewer in viewers:
        evening.row(viewer)
    evening.store.fails = None
    _personal_again(case, evening, fresh)


# What is counted


@check(requires=("requests_are_counted", "who_comes_back_costs_the_store_nothing"))
def the_metrics_tell_hits_and_seconds(case: Case) -> None:
    """The metrics tell how many rows cost the store nothing, how long all took, and how many were fast."""
    for _ in range(3):  # the machine may have been busy
        with closing(_evening(case)[1]) as evening:
            true = _timed(evening, seed=case.seed)
            told = evening.metrics()
        off = {name: abs(told.get(name, math.nan) - value) for name, value in true.items()}
        if all(value <= EXACT for value in off.values()):
            break
    for name, value in off.items():
        case.compare(f"{name}: told less true", seen=value, limit=EXACT)


EXACT = 1e-6
# Seconds of the store. Whoever gives up before the last answer comes has spent as much of the clock by then.
FAST, SLOW, TOO_SLOW = (0.01, 0.02, 0.03, 0.04), (0.06, 0.07, 0.08), 0.4


def _timed(evening: Evening, *, seed: int) -> dict[str, float]:
    """Let viewers come once and more often; return what the metrics have to say."""
    took, hits = [], 0
    for number, seconds in enumerate([*np.random.default_rng([seed, 2]).permutation(FAST + SLOW), TOO_SLOW]):
        evening.store.takes = float(seconds)
        for _ in range(1 if seconds == TOO_SLOW else 1 + number % 3):
            began, asked = evening.clock.now, len(evening.store.asked)
            evening.row(f"V{number:04d}")
            took.append(evening.clock.now - began)
            hits += len(evening.store.asked) == asked
    return {
        "requests": len(took),
        "cache_hits": hits,
        "seconds": sum(took),
        "within_50ms": sum(seconds <= 0.05 for seconds in took),
        "within_250ms": sum(seconds <= 0.25 for seconds in took),
    }


@check(requires=("requests_are_counted", "a_new_model_is_in_force_within_a_minute"))
def the_metrics_count_a_row_that_fetches(case: Case) -> None:
    """A row that fetches a new model is counted with all the seconds that it took."""
    new = _next_model(case)
    with closing(_evening(case)[1]) as evening:
        evening.row("V0001")
        evening.registry.takes = FETCH
        before, began = evening.metrics(), evening.clock.now + MINUTE
        evening.clock.now = began
        evening.registry.publish(NEW, new)
        row = evening.row("V0002")
        waited, after = evening.clock.now - began, evening.metrics()
    told = {
        name: after.get(name, math.nan) - before.get(name, math.nan) for name in ("seconds", "within_250ms")
    }
    # Whoever loads in the background answers at once with the former model, whatever the clock does meanwhile.
    true = [waited] if row["model"] == NEW else [0.0, waited]
    off = min(abs(told["seconds"] - seconds) for seconds in true)
    case.compare("seconds: told less true", seen=off, limit=EXACT)
    case.equal("rows within 250 ms", told["within_250ms"], float(told["seconds"] <= 0.25))


FETCH = 2.5  # seconds of the clock


@check(requires=("requests_are_counted",))
def the_metrics_tell_fallbacks(case: Case) -> None:
    """The metrics tell how many rows were fallbacks, and count no other row as one."""
    _, evening = _evening(case)
    for viewer in ("V0001", "V0001", "N0001"):
        evening.tried(viewer)
    evening.store.fails = ConnectionError("no route to host")
    for number in range(10, 17):
        evening.tried(f"V{number:04d}")
    true = sum(row["source"] == "fallback" for row in evening.rows)
    seen = evening.metrics().get("fallbacks", float("nan"))
    case.compare("fallbacks: told less true", seen=abs(seen - true), limit=EXACT)


# What a row costs

CATALOGUE, FEW, EACH, TRIES = 6_000, 120, 40, 3
# Fifty products are promised. By itself the reference takes 16, one that sorts all films 40, seventy models 190 and a
# hundred 270, also at once. Beside six busy processes on two processors correct ones took 0 to 51, seventy at once 179
# to 280.
PRODUCTS = 100
READ_AGAIN = "a model that is read for each row costs more than any ranking"


@check(requires=("rows_please_their_viewers",), blocked_by={"a_version_is_fetched_once": READ_AGAIN})
def a_row_costs_what_was_agreed(case: Case) -> None:
    """A row costs the processor at most some fifty products of the catalogue with a taste."""
    case.compare(
        "products of the catalogue with a taste that a row costs", seen=_products(case), limit=PRODUCTS
    )


def _products(case: Case) -> float:
    """Say what a row of many films costs beyond one of few, in products of the many with a taste."""
    least = math.inf
    for _ in range(TRIES):  # the machine may be busy
        many, few = _row_seconds(case)
        least = min(least, max(many - few, 0.0) / _product_seconds())
        if least <= PRODUCTS:
            break
    return least


def _row_seconds(case: Case) -> tuple[float, float]:
    """Time rows of many films and of few in turn, so that a load that comes or goes slows both.

    No viewer asks twice, and a twentieth of the rows meet nobody else on the processor.
    """
    with ExitStack() as both:
        evenings = [both.enter_context(closing(_evening_of(case, films))) for films in (CATALOGUE, FEW)]
        seconds: list[list[float]] = [[], []]
        for number in range(CATALOGUE // EACH):
            for evening, taken in zip(evenings, seconds, strict=True):
                began = time.perf_counter()
                evening.row(f"V{number:04d}")
                taken.append(time.perf_counter() - began)
    many, few = np.quantile(seconds, 0.05, axis=1)
    return float(many), float(few)


def _evening_of(case: Case, films: int) -> Evening:
    """Start a worker whose model knows as many films."""
    where = world(seed=case.shared_seed, films=films, viewers=CATALOGUE // EACH)
    log = plays(where, seed=case.shared_seed, each=EACH)
    if films == CATALOGUE:
        log["film"] = where.films  # each once, so that the model knows all of them
    return Evening(case, _trained(case, log), shares(log))


def _product_seconds() -> float:
    """Time one product where nothing disturbs it."""
    vectors, taste = np.ones((CATALOGUE, 13), dtype="float32"), np.ones(13, dtype="float32")
    return min(timeit.repeat(lambda: vectors @ taste, number=100, repeat=20)) / 100


# The evaluation


@check(requires=("the_figure_rests_on_real_viewers",))
def what_is_begun_later_moves_no_row_of_the_evaluation(case: Case) -> None:
    """What viewers begin in the weeks that are held out moves none of the rows that they would have got."""
    where, log = _usual(case)
    later = log["day"] > evening_before(log, days=14)
    order = np.random.default_rng([case.seed, 3]).permutation(where.films)
    other = dict(zip(where.films, order, strict=True))
    # One film takes another's place, so that those who were unknown are now the most popular.
    changed = log.assign(film=log["film"].where(~later, log["film"].map(other)))
    changed = changed[~(later & changed.duplicated(["viewer", "film"]))]
    rows = case.apart(
        lambda table: case.call(EVALUATE, table, seed=case.shared_seed)["held_out"], (log, changed)
    )
    before, after = (table.set_index("viewer")["films"] for table in rows)
    both = before.index.intersection(after.index)
    moved = sum(list(before[viewer]) != list(after[viewer]) for viewer in both)
    case.compare("viewers whose rows can be compared", seen=len(both), limit=150, direction="at least")
    case.equal("{seen} rows moved", moved, 0)


# What looks wrong and is right


def _same_rows(case: Case, changed: pd.DataFrame) -> None:
    """Train and evaluate on the usual log and on one that says the same in other lines."""
    where, log = _usual(case)
    rows = case.apart(
        lambda table: _rows_of(case, _trained(case, table), where.viewers[:8], shares(log)), (log, changed)
    )
    case.equal("{seen} rows differ", _differing(*rows), 0)
    figures = case.apart(
        lambda table: case.call(EVALUATE, table, seed=case.shared_seed)["value"], (log, changed)
    )
    case.compare("the figure moved by {seen}", seen=abs(figures[0] - figures[1]), limit=1e-9)


@check
def a_resumed_film_counts_once(case: Case) -> None:
    """A film that was resumed counts once, with all of its minutes."""
    _same_rows(case, resumed(_usual(case)[1], seed=case.seed, share=0.1))


@check
def a_pause_makes_no_difference(case: Case) -> None:
    """A film that was watched to its end counts the same, however long the pauses were."""
    _same_rows(case, paused(_usual(case)[1], seed=case.seed, share=0.5))


@check
def the_longest_row_is_full(case: Case) -> None:
    """A page that asks for fifty films and shows a hundred gets fifty others."""
    where = world(seed=case.shared_seed, films=260, viewers=300)
    log = plays(where, seed=case.shared_seed)
    evening = Evening(case, _trained(case, log), shares(log))
    shown = tuple(evening.row("V0001", 50)["films"])
    shown += tuple(evening.row("V0001", 50, shown)["films"])
    films = evening.row("V0001", 50, shown)["films"]
    case.equal("films", len(set(films)), 50)
    case.equal("films that the page shows already", sorted(set(films) & set(shown)), [])


# What it costs


@measure
def evenings(case: Case) -> dict[str, float]:
    """Files that are fetched, rows that are wrong, late or missing, and what a row and a figure cost."""
    where, log = _usual(case)
    return {
        "model files fetched per 1,000 requests": _fetches(case),
        "rows per 1,000 that are not the named model's, after a new one": _stale(case, where),
        "films per 1,000 that a row lacks because another page showed them": _lacking(case, where),
        "newcomers per 1,000 without a row": _unanswered(case),
        "requests per 1,000 without a row in time, on an evening when the store is ill": _late(case),
        "products of the catalogue with a taste, for one row": _products(case),
        "hits per 1,000 viewers that the figure invents": _invented(case, log),
        "films per 1,000 recommended that are not watched, after a new model": _disliked(case, where),
    }


def _fetches(case: Case) -> float:
    with closing(_evening(case)[1]) as evening:
        for number in range(40):
            evening.row(f"V{number:04d}")
        return 1000 * len(evening.registry.fetched) / 40


def _stale(case: Case, where: World) -> float:
    """Half of the viewers had asked before."""
    new = _next_model(case)
    with closing(_evening(case)[1]) as evening:
        for viewer in where.viewers[:10]:
            evening.row(viewer)
        evening.publish(NEW, new)
        rows = [evening.row(viewer) for viewer in where.viewers[:20]]
    fresh = _rows_of(case, new, where.viewers[:20], evening.known)
    return 1000 * _differing(rows, fresh) / len(rows)


def _lacking(case: Case, where: World) -> float:
    """Every viewer has opened a page before that showed four of the films."""
    lacking, films = 0, 0
    with closing(_evening(case)[1]) as evening:
        for viewer in where.viewers[:20]:
            before = evening.row(viewer)["films"]
            evening.row(viewer, 10, tuple(before[:4]))
            lacking += len(set(before) - set(evening.row(viewer)["films"]))
            films += len(before)
    return 1000 * lacking / films


def _unanswered(case: Case) -> float:
    with closing(_evening(case)[1]) as evening:
        return 1000 * sum(evening.tried(f"N{number:04d}") is None for number in range(10)) / 10


def _late(case: Case) -> float:
    """Of twenty requests three meet a store that fails, and one a store that hangs."""
    late = 0
    with closing(_evening(case)[1]) as evening:
        for number in range(20):
            evening.store.fails = ConnectionError("no route to host") if number in {5, 6, 7} else None
            evening.store.hangs = HANGS if number == 8 else 0.0
            began = time.monotonic()
            row = evening.tried(f"V{number:04d}")
            late += row is None or time.monotonic() - began > IN_TIME
    return 1000 * late / 20


def _invented(case: Case, log: pd.DataFrame) -> float:
    """The claimed hits, less those that the service's own rows of the evening before would have been."""
    claimed = case.call(EVALUATE, log, seed=case.shared_seed)["held_out"]
    past, later = _held_out(log)
    viewers = list(claimed["viewer"])
    begun = later.groupby("viewer")["film"].agg(set)
    rows = _rows_of(case, _trained(case, past), viewers, shares(past))
    hits = [bool(begun[row["viewer"]] & set(row["films"])) for row in rows]
    return 1000 * (float(claimed["hit"].mean()) - float(np.mean(hits)))


def _disliked(case: Case, where: World) -> float:
    new = _next_model(case)
    with closing(_evening(case)[1]) as evening:
        evening.publish(NEW, new)
        liked = [pleasure(where, viewer, evening.row(viewer)["films"]) for viewer in where.viewers[:40]]
    return 1000 * (1 - float(np.mean(liked)))


# Incidents, for the conversation


def _told(row: Row | None) -> str:
    """A row in words."""
    if row is None:
        return "an error"
    return f"{len(row['films'])} films, {row['source']}"


def _each(rows: list[Row | None]) -> str:
    """Rows in words: how often each."""
    told = [_told(row) for row in rows]
    return "; ".join(f"{told.count(one)} times {one}" for one in dict.fromkeys(told))


@incident("What do the three get?", "How long does the slowest of them wait, in tenths of a second?")
def the_store_hangs(case: Case) -> list[Any]:
    """On Saturday at nine a switch loses packets, and the feature store takes 1.2 seconds to answer anybody. Three
    viewers open the home page who have not been here tonight."""
    _, evening = _evening(case)
    evening.store.hangs = HANGS
    rows, slowest = [], 0.0
    for number in range(3):
        began = time.monotonic()
        rows.append(evening.tried(f"V{number:04d}"))
        slowest = max(slowest, time.monotonic() - began)
    return [_each(rows), round(slowest, 1)]


@incident(
    "What do the five get while it is away?", "And what do the same five get a minute after it is back?"
)
def the_store_is_away_for_a_minute(case: Case) -> list[Any]:
    """The feature store is restarted. For a minute every question to it ends with `ConnectionError`; five viewers
    come, and come again a minute after it is back."""
    _, evening = _evening(case)
    evening.store.fails = ConnectionError("connection refused")
    away = [evening.tried(f"V{number:04d}") for number in range(5)]
    evening.store.fails = None
    evening.clock.now += 60
    return [_each(away), _each([evening.tried(f"V{number:04d}") for number in range(5)])]


@incident(
    "Which model does the row name a minute after the change?",
    "Are the films the same ten as a minute before?",
    "Are they the ten of a worker that is started then?",
)
def a_new_model_goes_live(case: Case) -> list[Any]:
    """At eight in the evening a new model is put in force. A viewer who opened the home page at one minute to
    eight opens it again at one minute past."""
    new = _next_model(case)
    _, evening = _evening(case)
    before = evening.row("V0004")
    evening.publish(NEW, new)
    after = evening.row("V0004")
    (fresh,) = _rows_of(case, new, ["V0004"], evening.known)
    name = {OLD: "the former", NEW: "the new one"}.get(after["model"], "neither")
    return [name, after["films"] == before["films"], after["films"] == fresh["films"]]


@incident("What do the two new viewers get?", "What do the other two get?")
def a_free_week(case: Case) -> list[Any]:
    """A free week brings people who have never been here. Four requests arrive: two from new viewers, one of whom
    has an empty entry in the store, one from an old viewer, and one from an old viewer who began a film today that the
    model has not met."""
    _, evening = _evening(case)
    evening.store.shares["N0002"] = {}
    evening.store.shares["V0002"] = evening.known["V0002"] | {"F99999": 0.8}
    rows = [evening.tried(viewer) for viewer in ("N0001", "N0002", "V0001", "V0002")]
    return [_each(rows[:2]), _each(rows[2:])]


@incident("How many of her first ten films are in the third row?", "How often was the store asked?")
def a_page_with_the_films_already(case: Case) -> list[Any]:
    """A viewer opens the home page and gets ten films. Then she opens another page, which shows six of these ten
    and asks for a row of its own. Then she is back on the home page. All of it takes two minutes."""
    _, evening = _evening(case)
    first = evening.row("V0005")["films"]
    evening.clock.now += 60
    evening.row("V0005", 10, tuple(first[:6]))
    evening.clock.now += 60
    third = evening.row("V0005")["films"]
    return [len(set(first) & set(third)), len(evening.store.asked)]


@incident("What do the three get?", "How often was the version in force fetched altogether?")
def the_registry_is_away_for_an_hour(case: Case) -> list[Any]:
    """The registry cannot be reached for an hour. Within this hour three viewers come, twenty minutes apart; two
    minutes after it is back, thirty more."""
    _, evening = _evening(case)
    evening.registry.away = True
    rows = []
    for number in range(3):
        evening.clock.now += 1200
        rows.append(evening.tried(f"V{number:04d}"))
    evening.registry.away = False
    evening.clock.now += 120
    for number in range(10, 40):
        evening.tried(f"V{number:04d}")
    return [_each(rows), len(evening.registry.fetched)]


@incident("What does the screen say?")
def the_screen_on_sunday(case: Case) -> list[Any]:
    """On Sunday whoever was on call looks at the metrics of a worker. Ten viewers had come, each twice; the store
    took 0.1 seconds for each of the first eight and could not be reached for the last two."""
    _, evening = _evening(case)
    evening.store.takes = 0.1
    for number in range(10):
        if number == 8:
            evening.store.fails = ConnectionError("connection refused")
        for _ in range(2):
            evening.tried(f"V{number:04d}")
    told = evening.metrics()
    return ["; ".join(f"{name} {value:g}" for name, value in told.items())]
