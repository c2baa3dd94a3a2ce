"""Service: one row of films for each request, for as long as the worker lives."""

import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from matinee.metrics import Metrics
from matinee.model import Model, read
from matinee.ranking import Ranking, rank
from matinee.rows import Rows
from matinee.upstream import Clock, Registry, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """What a home page gets."""

    viewer: str
    films: list[str]
    source: str
    model: str


class Service:
    """A worker's service; its methods may be called from several threads."""

    def __init__(self, registry: Registry, store: Store, clock: Clock) -> None:
        self._registry, self._store, self._clock = registry, store, clock
        self._rows, self._metrics = Rows(clock), Metrics()
        self._model = self._load(registry.latest())
        self._pool = ThreadPoolExecutor(16)
        self._failures, self._closed_until = 0, 0.0

    def recommend(self, viewer: str, n: int, shown: Collection[str] = ()) -> Row:
        """Recommend ``n`` films to a viewer, none of which the page has ``shown`` already."""
        began = self._clock.time()
        model = self._in_force()
        kept = self._rows.get(viewer)
        ranking = kept or self._ranked(model, viewer)
        films = list(ranking.films)
        films = [film for film in films if film not in set(shown)]
        took = self._clock.time() - began
        self._metrics.count(took, hit=kept is not None, fallback=ranking.source == "fallback")
        return Row(viewer, films[:n], ranking.source, model.version)

    def metrics(self) -> dict[str, float]:
        """Return what was counted since the start, by name."""
        return self._metrics.read()

    def _ranked(self, model: Model, viewer: str) -> Ranking:
        if self._clock.time() < self._closed_until:
            return Ranking("fallback", list(model.popular))
        try:
            shares = self._pool.submit(self._store.get, viewer).result(timeout=0.15)
        except Exception:
            self._failures += 1
            if self._failures >= 3:
                self._closed_until = self._clock.time() + 15
            return Ranking("fallback", list(model.popular))
        self._failures = 0
        ranking = rank(model, shares or {})
        self._rows.put(viewer, ranking)
        return ranking

    def _in_force(self) -> Model:
        """Return the newest model."""
        try:
            version = self._registry.latest()
            if version != self._model.version:
                self._model = self._load(version)
                self._rows.clear()
        except OSError as error:
            log.warning("%s stays in force: %s", self._model.version, error)
        return self._model

    def _load(self, version: str) -> Model:
        return read(self._registry.fetch(version), version)
