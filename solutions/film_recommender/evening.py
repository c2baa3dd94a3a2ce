"""An evening of `film_recommender`: a worker with everything that it asks, and how the experiments reach it."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from unfit import Case
from unfit.experiments import Clock, Evaluated, Listing, Registry, Row, Upstream, Worker

from .world import World, evening_before, most_played, plays, shares, world

TRAIN, EVALUATE = "matinee.train:train", "matinee.evaluate:evaluate"
START, RECOMMEND, METRICS = "matinee.worker:start", "matinee.worker:recommend", "matinee.worker:metrics"

OLD, EXACT, NEW, NEXT = "2026-03-29", "2026-04-01", "2026-04-05", "2026-04-12"
MINUTE = 61.0
CATALOGUE, EACH = 6_000, 40
QUIET, RECENT = 8, 28


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a worker finds when it is started: a model's files, and a store that knows viewers or fails."""

    files: dict[str, bytes]
    known: dict[str, dict[str, float]]
    fails: Exception | None = None


class HangingStore(Upstream):
    """A store that hangs by the clock for who gives it a timeout, and in real time only for who gives it none.

    So what timeouts come to is summed exactly, however busy the machine is.

    Attributes
    ----------
    held : bool
        Whether a question has hung in real time.
    """

    held = False

    def get(self, key: str, timeout: float | None = None) -> Any:
        """Return what is known under a key, or none, unless something is the matter."""
        if not self.hangs or self.fails is not None:
            return super().get(key, timeout)
        if timeout is None:
            self.held = True
            return super().get(key)
        self.asked.append(key)
        self._clock.now += min(max(float(timeout), 0.0), self.hangs)
        if timeout < self.hangs:
            raise TimeoutError(f"no answer within {timeout} seconds")
        return self.known.get(key)


class BreakingRegistry(Registry):
    """A registry that says which version is in force, and may break off while it hands out the files.

    Attributes
    ----------
    breaks : str
        The version of which it does.
    asked : Counter of str
        How often each of its methods was called.
    """

    breaks = ""

    def __init__(self, version: str, files: dict[str, bytes], clock: Clock) -> None:
        super().__init__(version, files, clock)
        self.asked: Counter[str] = Counter()

    def latest(self) -> str:
        """Return the version that is in force."""
        self.asked["latest"] += 1
        return super().latest()

    def fetch(self, version: str) -> dict[str, bytes]:
        """Return the files of a version."""
        self.asked["fetch"] += 1
        if self.breaks == version:
            raise ConnectionError("the connection was closed after 120 MB")
        return super().fetch(version)


class Evening(Worker):
    """A worker in a session of its own, with everything that it asks.

    Parameters
    ----------
    case : Case
    setting : Setting

    Attributes
    ----------
    rows : list of dict
        Every row that came.
    """

    def __init__(self, case: Case, setting: Setting) -> None:
        self.files, self.clock, self.rows = setting.files, Clock(), list[Row]()
        self.store = HangingStore(setting.known, self.clock)
        self.registry = BreakingRegistry(OLD, self.files, self.clock)
        super().__init__(case, START, self.registry, self.store, self.clock)
        self.store.fails = setting.fails

    def row(self, viewer: str, n: int = 10, shown: Iterable[str] = (), *, ask: Any = Worker.call) -> Row:
        """Ask for a row, and once more where a healthy store seemed not to answer: the machine may be busy."""
        for _ in range(3):
            row: Row | None = ask(self, RECOMMEND, viewer, n, list(shown))
            self.rows += [row] if row is not None else []
            if row is None or row["source"] != "fallback" or self.store.ill:
                break
        return row  # type: ignore[return-value]  # `tried` says that it may be none

    def tried(self, viewer: str, n: int = 10, shown: Iterable[str] = ()) -> Row | None:
        """Ask for a row; none where the request raises, which is another check's matter."""
        return self.row(viewer, n, shown, ask=Worker.attempt)

    def films(self, viewers: Iterable[str]) -> pd.Series:
        """Ask for a row each; the films by viewer, and none where a request raises."""
        rows = {viewer: self.tried(viewer) for viewer in viewers}
        return pd.Series({viewer: row and row["films"] for viewer, row in rows.items()}, dtype=object)

    @property
    def moment(self) -> float:
        """Seconds by which to tell what a row takes: the machine's, and those that a store hung by the clock."""
        return time.monotonic() + self.clock.now

    def metrics(self) -> dict[str, float]:
        """Read the metrics."""
        told: dict[str, float] = self.call(METRICS)
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


def answered(case: Case, setting: Setting, pages: list[Row], *, ask: Any = Evening.row) -> list[Row]:
    """Start a worker, and ask it for the row of one page after the other."""
    with Evening(case, setting) as evening:
        rows = [(page, ask(evening, page["viewer"], page["n"], page["shown"])) for page in pages]
    return [{"page": page["page"], **row} for page, row in rows if row is not None]


def trained(case: Case, log: pd.DataFrame, *, again: int = 0) -> Setting:
    """Train on a log, of which the store knows all."""
    folder = case.folder()
    case.call(TRAIN, log, folder, seed=case.shared_seed + again)
    return Setting(folder.files, shares(log))


def evaluated(case: Case, log: pd.DataFrame, *, again: int = 0) -> Evaluated:
    """Evaluate on a log: the films of each held-out viewer's row, and whether they hit."""
    report = case.call(EVALUATE, log, seed=case.shared_seed + again)
    names = {"row": "viewer", "truth": "hit", "value": "films"}
    return Evaluated.of(report["value"], report["held_out"], fold=None, **names)


SERVICE = Listing(
    key="page",
    answer=answered,
    train=trained,
    evaluate=evaluated,
    value="films",
    status="source",
    ok="personal",
    held="fallback",
)
TRYING = dataclasses.replace(
    SERVICE, answer=lambda case, setting, pages: answered(case, setting, pages, ask=Evening.tried)
)
"""The same, where what raises is another check's matter: such a page has no answer."""


def world_of(case: Case) -> World:
    """The world that most checks share, so that its model is trained once."""
    return world(seed=case.shared_seed)


def log_of(case: Case, *, again: int = 0) -> pd.DataFrame:
    """The log of the shared world; another one is of the same films, viewers and tastes."""
    return plays(world_of(case), seed=case.shared_seed + again)


def usual(case: Case) -> Setting:
    """What most workers find."""
    return trained(case, log_of(case))


def renewed(case: Case) -> Setting:
    """Another model of the same films, and the same viewers."""
    return dataclasses.replace(usual(case), files=trained(case, log_of(case, again=1)).files)


def quiet(case: Case, *, left: int = 0, until: int = 0) -> tuple[pd.DataFrame, list[str]]:
    """A log with four weeks without the most popular films: the same plays, some of them earlier.

    Parameters
    ----------
    case : Case
    left : int, default=0
        Plays of each of these films that stay in the four weeks.
    until : int, default=0
        Days before the log's end at which the four weeks end.

    Returns
    -------
    log : DataFrame
    films : list of str
        Those that nobody began in the four weeks.
    """
    log = log_of(case)
    end, since = (evening_before(log, days=days) for days in (until, until + RECENT))
    past = log[log["day"] <= end]
    films = most_played(past, QUIET)
    late = past[past["film"].isin(films) & (past["day"] > since)]
    late = late[late.groupby("film").cumcount() >= left]
    days = pd.to_datetime(log["day"]) - pd.to_timedelta(RECENT * log.index.isin(late.index), unit="D")
    earlier = log.assign(day=days.dt.strftime("%Y-%m-%d"))
    return earlier.sort_values("day", kind="stable", ignore_index=True), films


def catalogue(case: Case, films: int) -> Setting:
    """A model that knows as many films, and viewers enough for one row each."""
    drawn = world(seed=case.shared_seed, films=films, viewers=CATALOGUE // EACH)
    log = plays(drawn, seed=case.shared_seed, each=EACH)
    if films == CATALOGUE:
        log["film"] = drawn.films  # each once, so that the model knows all of them
    return trained(case, log)


def named(numbers: Iterable[int], letter: str = "V") -> list[str]:
    """Name viewers by their numbers: those of the log with a V, strangers with another letter."""
    return [f"{letter}{number:04d}" for number in numbers]


def pages(
    viewers: Iterable[str],
    *,
    n: int = 10,
    shown: Callable[[int], Iterable[str]] = lambda _: (),
    first: int = 0,
) -> list[Row]:
    """Requests for a row each, numbered from some number on."""
    return [
        {"page": f"P{first + at:04d}", "viewer": viewer, "n": n, "shown": list(shown(at))}
        for at, viewer in enumerate(viewers)
    ]


def fresh_films(case: Case, setting: Setting, viewers: Iterable[str]) -> pd.Series:
    """Films by viewer, of a worker that has just been started."""
    with Evening(case, setting) as evening:
        return evening.films(viewers)


def held_out(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a log where the evaluation does, two weeks before its end."""
    later = log["day"] > evening_before(log, days=14)
    return log[~later], log[later]
