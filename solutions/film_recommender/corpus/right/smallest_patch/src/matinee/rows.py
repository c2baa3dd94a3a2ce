"""Rows: the rankings of the viewers who asked last."""

from collections import OrderedDict
from collections.abc import Hashable

from matinee.ranking import Ranking
from matinee.upstream import Clock

KEPT = 600.0


class Rows:
    """Keep rankings for the next request, for all threads of a worker."""

    def __init__(self, clock: Clock) -> None:
        self._rankings: OrderedDict[Hashable, tuple[float, Ranking]] = OrderedDict()
        self._clock = clock

    def get(self, key: Hashable) -> Ranking | None:
        """Return the ranking that is kept under a key, if there is one."""
        at, ranking = self._rankings.get(key, (0.0, None))
        return ranking if self._clock.time() - at < KEPT else None

    def put(self, key: Hashable, ranking: Ranking) -> None:
        """Keep a ranking."""
        self._rankings[key] = self._clock.time(), ranking
        while len(self._rankings) > 150:
            self._rankings.popitem(last=False)
