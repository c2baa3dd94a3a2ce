"""Rows: the rankings of the viewers who asked last."""

from threading import Lock

from cachetools import TTLCache

from matinee.ranking import Ranking
from matinee.upstream import Clock

MOST = 150
KEPT = 600.0


class Rows:
    """Keep rankings for the next request, for all threads of a worker."""

    def __init__(self, clock: Clock) -> None:
        self._rankings: dict[str, TTLCache[str, Ranking]] = {}
        self._clock = clock
        self._lock = Lock()

    def _of(self, version: str) -> TTLCache[str, Ranking]:
        if version not in self._rankings:
            self._rankings[version] = TTLCache(MOST, KEPT, timer=self._clock.time)
        return self._rankings[version]

    def get(self, key: tuple[str, str]) -> Ranking | None:
        """Return the ranking that is kept under a key, if there is one."""
        with self._lock:
            return self._of(key[0]).get(key[1])

    def put(self, key: tuple[str, str], ranking: Ranking) -> None:
        """Keep a ranking."""
        with self._lock:
            self._of(key[0])[key[1]] = ranking
