"""Seeds: drawn afresh, and kept until a validation with them came out clean."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from pathlib import Path

from unfit.bank import Exercise
from unfit.files import write_atomically

__all__ = ["choose_seeds", "draw_seeds", "release_seeds"]


def draw_seeds(count: int) -> tuple[int, ...]:
    """Draw fresh seeds."""
    return tuple(secrets.randbelow(2**31) for _ in range(count))


def choose_seeds(exercise: Exercise, count: int, cache: Path | None) -> tuple[int, ...]:
    """Take the seeds of the last validation that did not come out clean, and draw what is missing.

    So what was mended is tried on the seeds that showed it, a run that was stopped goes on where it stood, and what
    came out clean is tried on others the next time.

    Parameters
    ----------
    exercise : Exercise
    count : int
    cache : Path or None
        Where they are kept; all are drawn afresh without it.
    """
    if cache is None:
        return draw_seeds(count)
    path = _path(exercise, cache)
    kept: list[int] = []
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept = [int(seed) for seed in json.loads(path.read_text())]
    seeds = [*kept, *draw_seeds(max(0, count - len(kept)))]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(seeds))
    return tuple(seeds[:count])


def release_seeds(exercise: Exercise, cache: Path | None) -> None:
    """Forget the seeds of a validation that came out clean."""
    if cache is not None:
        _path(exercise, cache).unlink(missing_ok=True)


def _path(exercise: Exercise, cache: Path) -> Path:
    bank = hashlib.sha256(str(exercise.bank).encode()).hexdigest()[:12]
    return cache / "seeds" / f"{exercise.slug}-{bank}.json"
