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
        model = self._in_force()
        kept = self._rows.get(viewer)
        ranking = kept or self._ranked(model, viewer)
        films = ranking.films
        for film in shown:
            if film in films:
                films.remove(film)
        self._metrics.count()
        return Row(viewer, films[:n], ranking.source, model.version)

    def metrics(self) -> dict[str, float]:
        """Return what was counted since the start, by name."""
        return self._metrics.read()

    def _ranked(self, model: Model, viewer: str) -> Ranking:
        ranking = rank(model, self._store.get(viewer))
        self._rows.put(viewer, ranking)
        return ranking

    def _in_force(self) -> Model:
        """Return the newest model."""
        try:
            self._model = self._load(self._registry.latest())
        except OSError as error:
            log.warning("%s stays in force: %s", self._model.version, error)
        return self._model

    def _load(self, version: str) -> Model:
        return read(self._registry.fetch(version), version)
