"""Worker: the one service of this process."""

from matinee.service import Row, Service
from matinee.upstream import Clock, Registry, Store

_services: list[Service] = []


def start(registry: Registry, store: Store, clock: Clock) -> None:
    """Start the service of this process, or start it anew."""
    _services[:] = [Service(registry, store, clock)]


def recommend(viewer: str, n: int, shown: list[str]) -> Row:
    """Recommend films; see `Service.recommend`."""
    return _services[0].recommend(viewer, n, shown)


def metrics() -> dict[str, float]:
    """Return what was counted since the start; see `Service.metrics`."""
    return _services[0].metrics()
