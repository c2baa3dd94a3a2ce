"""The first of a month: remove what is kept long enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feedcast.common import journal
from feedcast.common.settings import settings
from feedcast.registry import store
from feedcast.registry.retention import spare


@dataclass(frozen=True)
class Removed:
    """What was removed."""

    months: list[str]
    versions: list[str]


def run(logs: Path, registry: Path, running: Iterable[str], today: str) -> Removed:
    """Remove journals and versions that nobody needs any more.

    Parameters
    ----------
    logs, registry : Path
    running : iterable of str
        Versions that some track runs, or could be taken back to.
    today : str
    """
    own = settings().keeping
    old = spare(registry, own.versions, running)
    for version in old:
        store.remove(registry, version)
    return Removed(journal.forget(logs, today, own.logs_days), old)
