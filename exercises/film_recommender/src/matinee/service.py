"""Service: one row of films for each request, for as long as the worker lives."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock

from matinee.metrics import Metrics
from matinee.model import Model, read
from matinee.ranking import Ranking, rank
from matinee.rows import Rows
from matinee.upstream import Clock, Registry, Store

log = logging.getLogger(__name__)
DEADLINE = 0.15
"""Seconds that the store has for an answer."""
LOOK = 30.0
"""Seconds between two looks for a newer model."""


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
        self._version = registry.latest()
        self._model = self._load(self._version)
        self._looked, self._looking = clock.time(), Lock()

    def recommend(self, viewer: str, n: int, shown: Collection[str] = ()) -> Row:
        """Recommend ``n`` films to a viewer, none of which the page has ``shown`` already."""
        model = self._in_force()
        kept = self._rows.get((model.version, viewer))
        ranking = kept or self._ranked(model, viewer)
        films = [film for film in ranking.films if film not in shown][:n]
        self._metrics.count()
        return Row(viewer, films, ranking.source, model.version)

    def metrics(self) -> dict[str, float]:
        """Return what was counted since the start, by name."""
        return self._metrics.read()

    def _ranked(self, model: Model, viewer: str) -> Ranking:
        try:
            shares = self._store.get(viewer, timeout=DEADLINE)
        except OSError:
            return Ranking("fallback", model.popular)
        ranking = rank(model, shares)
        self._rows.put((model.version, viewer), ranking)
        return ranking

    def _in_force(self) -> Model:
        """Return the newest model; one thread at a time looks for it, while the others go on."""
        if self._clock.time() - self._looked >= LOOK and self._looking.acquire(blocking=False):
            try:
                self._looked = self._clock.time()
                version = self._registry.latest()
                if version != self._version:
                    self._version = version
                    self._model = self._load(version)
            except OSError as error:
                log.warning("%s stays in force: %s", self._model.version, error)
            finally:
                self._looking.release()
        return self._model

    def _load(self, version: str) -> Model:
        return read(self._registry.fetch(version), version)
