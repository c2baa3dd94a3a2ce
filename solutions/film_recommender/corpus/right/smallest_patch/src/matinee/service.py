"""Service: one row of films for each request, for as long as the worker lives."""

import logging
from collections.abc import Collection
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

    def recommend(self, viewer: str, n: int, shown: Collection[str] = ()) -> Row:
        """Recommend ``n`` films to a viewer, none of which the page has ``shown`` already."""
        began = self._clock.time()
        model = self._in_force()
        kept = self._rows.get(f"{model.version}/{viewer}")
        ranking = kept or self._ranked(model, viewer)
        films = [film for film in ranking.films if film not in shown]
        self._metrics.count(self._clock.time() - began, hit=bool(kept), fallback=ranking.source == "fallback")
        return Row(viewer, films[:n], ranking.source, model.version)

    def metrics(self) -> dict[str, float]:
        """Return what was counted since the start, by name."""
        return self._metrics.read()

    def _ranked(self, model: Model, viewer: str) -> Ranking:
        try:
            shares = self._store.get(viewer, timeout=0.2)
        except (ConnectionError, TimeoutError):
            return Ranking("fallback", model.popular)
        ranking = rank(model, shares)
        self._rows.put(f"{model.version}/{viewer}", ranking)
        return ranking

    def _in_force(self) -> Model:
        """Return the newest model."""
        try:
            version = self._registry.latest()
            if version != self._model.version:
                self._model = self._load(version)
        except OSError as error:
            log.warning("%s stays in force: %s", self._model.version, error)
        return self._model

    def _load(self, version: str) -> Model:
        return read(self._registry.fetch(version), version)
