"""World of `film_recommender`: a catalogue, viewers with tastes, and what they would like; nothing here is real."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

SHIPPED_SEED = 5
FIRST_DAY = pd.Timestamp("2026-01-05")
DAYS = 84
KINDS = 4
STANDING = 0.6
"""Standard deviation of how well known a film is, on a log scale."""
FIT = 3.5
"""How much more a viewer turns to what suits the taste, on a log scale."""

FIRST = (
    "Amber",
    "Borrowed",
    "Crooked",
    "Distant",
    "Eleventh",
    "Forgotten",
    "Glass",
    "Hollow",
    "Ivory",
    "Last",
    "Midnight",
    "Northern",
    "Paper",
    "Quiet",
    "Silver",
    "Wandering",
)
SECOND = (
    "Aviator",
    "Beekeeper",
    "Cartographer",
    "Drummer",
    "Embassy",
    "Ferryman",
    "Gardener",
    "Harbour",
    "Innkeeper",
    "Lantern",
    "Magician",
    "Notary",
    "Orchard",
    "Piano",
    "Quarry",
    "Staircase",
    "Telegram",
    "Weathervane",
)


@dataclass(frozen=True)
class World:
    """Films and viewers, and how well each suits the other.

    Parameters
    ----------
    films : list of str
    viewers : list of str
    lengths : array of shape (n films,)
        Minutes.
    liking : array of shape (n viewers, n films)
        The share of the film that the viewer would watch, 0 to 1.
    drawn : array of shape (n viewers, n films)
        The logarithm of how much a viewer turns to a film.
    """

    films: list[str]
    viewers: list[str]
    lengths: np.ndarray
    liking: np.ndarray
    drawn: np.ndarray


def world(*, seed: int, films: int = 80, viewers: int = 300) -> World:
    """Draw a catalogue and its viewers.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same world.
    films : int, default=80
        At least 40, so that nobody has seen everything.
    viewers : int, default=300

    Raises
    ------
    ValueError
        If there are fewer than 40 films.
    """
    if films < 40:
        raise ValueError(f"films must be at least 40. Got {films} instead.")
    rng = np.random.default_rng([seed, 1])
    kinds = rng.dirichlet(np.full(KINDS, 0.25), films)
    tastes = rng.dirichlet(np.full(KINDS, 0.35), viewers)
    suits = tastes @ kinds.T
    liking = 0.15 + 0.8 * suits
    standing = rng.normal(0, STANDING, films)
    return World(
        films=[f"F{at:05d}" for at in range(films)],
        viewers=[f"V{at:04d}" for at in range(viewers)],
        lengths=rng.integers(70, 170, films),
        liking=liking,
        drawn=FIT * suits + standing,
    )


def plays(where: World, *, seed: int, days: int = DAYS, each: int = 12) -> pd.DataFrame:
    """Draw the player's log of some weeks, in the order of time; every day is like any other.

    Parameters
    ----------
    where : World
    seed : int
    days : int, default=84
    each : int, default=12
        Films that a viewer begins; no film twice.

    Returns
    -------
    log : DataFrame of shape (n viewers * each, 5)
        ``viewer``, ``film``, ``day``, ``minutes`` and ``length``.
    """
    rng = np.random.default_rng([seed, 2])
    chosen = _without_repeats(where.drawn, each, rng)
    viewer = np.repeat(np.arange(len(where.viewers)), each)
    film, day = chosen.ravel(), rng.integers(0, days, len(viewer))
    share = np.clip(where.liking[viewer, film] + rng.normal(0, 0.15, len(viewer)), 0.02, 1)
    log = pd.DataFrame(
        {
            "viewer": np.array(where.viewers)[viewer],
            "film": np.array(where.films)[film],
            "day": (FIRST_DAY + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d"),
            "minutes": np.maximum(1, (share * where.lengths[film]).round()).astype(int),
            "length": where.lengths[film],
        }
    )
    return log.sort_values("day", kind="stable", ignore_index=True)


def _without_repeats(drawn: np.ndarray, each: int, rng: np.random.Generator) -> np.ndarray:
    """Choose columns for each row with probabilities that fall off with `drawn`, none twice."""
    noisy = drawn + rng.gumbel(size=drawn.shape)
    return np.argsort(-noisy, axis=1)[:, :each]


def resumed(log: pd.DataFrame, *, seed: int, share: float = 0.05) -> pd.DataFrame:
    """Let some films be left and resumed on the same evening: an earlier line with few minutes each."""
    rng = np.random.default_rng([seed, 3])
    again = log[rng.random(len(log)) < share]
    begun = again.assign(minutes=rng.integers(1, 9, len(again)))
    return pd.concat([begun, log]).sort_values("day", kind="stable", ignore_index=True)


def paused(log: pd.DataFrame, *, seed: int, share: float = 0.5) -> pd.DataFrame:
    """Let some viewers pause a film that they watch to its end: the player counts the minutes of the pause."""
    rng = np.random.default_rng([seed, 4])
    hit = (log["minutes"] == log["length"]) & (rng.random(len(log)) < share)
    return log.assign(minutes=log["minutes"].mask(hit, log["length"] + rng.integers(1, 300, len(log))))


def shares(log: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Write a log as the feature store keeps it: for each viewer, the share watched of each film."""
    last = log.drop_duplicates(["viewer", "film"], keep="last")
    watched = (last["minutes"] / last["length"]).clip(upper=1).round(3)
    found: dict[str, dict[str, float]] = {}
    for viewer, film, share in zip(last["viewer"], last["film"], watched, strict=True):
        found.setdefault(viewer, {})[film] = float(share)
    return found


def pleasure(where: World, viewer: str, films: list[str]) -> float:
    """Mean share of the films that a viewer would watch; nothing of a film that does not exist, or for an empty row."""
    liking = dict(zip(where.films, where.liking[where.viewers.index(viewer)], strict=True))
    return float(np.mean([liking.get(film, 0.0) for film in films])) if films else 0.0


def most_played(log: pd.DataFrame, n: int) -> list[str]:
    """Films with the most plays in the last four weeks of a log."""
    last = log.drop_duplicates(["viewer", "film"], keep="last")
    return list(last.loc[last["day"] > evening_before(last, days=28), "film"].value_counts().index[:n])


def evening_before(log: pd.DataFrame, *, days: int) -> str:
    """Return the day on whose evening the last days of a log were still to come."""
    return f"{pd.Timestamp(log['day'].max()) - pd.Timedelta(days=days):%Y-%m-%d}"


def titles(n: int, *, seed: int) -> list[str]:
    """Invent titles, no two alike."""
    rng = np.random.default_rng([seed, 5])
    pairs = rng.permutation(len(FIRST) * len(SECOND))[:n]
    return [f"The {FIRST[pair % len(FIRST)]} {SECOND[pair // len(FIRST)]}" for pair in pairs]


def project_data(*, seed: int) -> dict[str, bytes]:
    """Draw the files that the project ships with.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same files.

    Returns
    -------
    files : dict of str to bytes
        Content by path.
    """
    where = world(seed=seed, films=120, viewers=250)
    log = paused(resumed(plays(where, seed=seed), seed=seed), seed=seed)
    films = pd.DataFrame({"film": where.films, "title": titles(120, seed=seed), "length": where.lengths})
    store: dict[str, Any] = shares(log)
    return {
        "data/plays.csv": log.to_csv(index=False, lineterminator="\n").encode(),
        "data/films.csv": films.to_csv(index=False, lineterminator="\n").encode(),
        "data/store.json": (json.dumps(store, separators=(",", ":"), sort_keys=True) + "\n").encode(),
    }
