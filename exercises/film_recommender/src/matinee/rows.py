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
        self._lock = Lock()

    def get(self, key: Hashable) -> Ranking | None:
        """Return the ranking that is kept under a key, if there is one."""
        with self._lock:
            ranking = self._rankings.get(key)
            if ranking is not None:
                self._rankings[key] = ranking  # whoever asked last is the last to go
            return ranking

    def put(self, key: Hashable, ranking: Ranking) -> None:
        """Keep a ranking."""
        with self._lock:
            self._rankings[key] = ranking
