"""Rows: the rankings of the viewers who asked last."""

from collections.abc import Hashable
from threading import Lock

from cachetools import TTLCache

from matinee.ranking import Ranking
from matinee.upstream import Clock

KEPT = 600.0


class Rows:
    """Keep rankings for the next request, for all threads of a worker."""

    def __init__(self, clock: Clock) -> None:
        self._rankings: TTLCache[Hashable, Ranking] = TTLCache(150, KEPT, timer=clock.time)
        self._lock = Lock()

    def get(self, key: Hashable) -> Ranking | None:
        """Return the ranking that is kept under a key, if there is one."""
        with self._lock:
            kept = self._rankings.get(key)
        return None if kept is None else Ranking(kept.source, list(kept.films))

    def put(self, key: Hashable, ranking: Ranking) -> None:
        """Keep a ranking."""
        with self._lock:
            self._rankings[key] = Ranking(ranking.source, list(ranking.films))
