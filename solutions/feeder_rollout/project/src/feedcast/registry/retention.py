"""Which versions may go: those that are old, that nothing runs and that nothing could go back to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from feedcast.registry import store


def spare(registry: str | Path, keep: int, running: Iterable[str]) -> list[str]:
    """List the versions that may be removed, oldest first.

    Parameters
    ----------
    registry : str or Path
    keep : int
        So many of the newest stay in any case.
    running : iterable of str
        Versions that some track runs, or ran before.
    """
    needed = set(running)
    there = store.versions(registry)
    return [one for one in there[: max(0, len(there) - keep)] if one not in needed]
