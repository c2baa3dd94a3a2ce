"""Rows: the rankings of the viewers who asked last."""

from collections.abc import Hashable
from threading import Lock

from cachetools import TTLCache

from matinee.ranking import Ranking
from matinee.upstream import Clock

MOST = 150
KEPT = 600.0


class Rows:
    """Keep rankings for the next request, for all threads of a worker."""

    def __init__(self, clock: Clock) -> None:
        self._rankings: TTLCache[Hashable, Ranking] = TTLCache(MOST, KEPT, timer=clock.time)
        self._newcomers: dict[Hashable, tuple[float, Ranking]] = {}
        self._clock = clock
        self._lock = Lock()

    def get(self, key: Hashable) -> Ranking | None:
        """Return the ranking that is kept under a key, if there is one."""
        with self._lock:
            at, ranking = self._newcomers.get(key, (0.0, None))
            if ranking is not None and self._clock.time() - at < KEPT:
                return ranking
            return self._rankings.get(key)

    def put(self, key: Hashable, ranking: Ranking) -> None:
        """Keep a ranking."""
        with self._lock:
            if ranking.source == "newcomer":
                self._newcomers[key] = self._clock.time(), ranking
            else:
                self._rankings[key] = ranking
