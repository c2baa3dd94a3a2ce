"""Seeds: drawn once, and kept until a validation with them came out clean and fresh ones are asked for."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from unfit.bank import Exercise
from unfit.files import write_atomically
from unfit.records import Record

__all__ = ["choose_seeds", "draw_seeds", "note_clean"]


def draw_seeds(count: int) -> tuple[int, ...]:
    """Draw fresh seeds."""
    return tuple(secrets.randbelow(2**31) for _ in range(count))


def choose_seeds(
    exercise: Exercise, count: int, cache: Path | None, *, fresh: bool = False
) -> tuple[int, ...]:
    """Take the seeds of the last validation, and draw what is missing.

    So what was mended is tried on the seeds that showed it, a run that was stopped goes on where it stood, and two runs
    differ only by what was changed between them.

    Parameters
    ----------
    exercise : Exercise
    count : int
    cache : Path or None
        Where they are kept; all are drawn afresh without it.
    fresh : bool, default=False
        Draw all of them, if what ran under the last ones came out clean.
    """
    if cache is None:
        return draw_seeds(count)
    path = _path(exercise, cache)
    last = _read(path)
    kept = () if fresh and last.clean else last.seeds
    seeds = (*kept, *draw_seeds(max(0, count - len(kept))))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, _Last(seeds=seeds).model_dump_json())
    return seeds[:count]


def note_clean(exercise: Exercise, seeds: Sequence[int], cache: Path | None) -> None:
    """Note that a validation under these seeds came out clean."""
    if cache is not None:
        path = _path(exercise, cache)
        more = [seed for seed in _read(path).seeds if seed not in seeds]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _Last(seeds=(*seeds, *more), clean=True).model_dump_json())


class _Last(Record):
    """The seeds of the last validation."""

    seeds: tuple[int, ...] = ()
    clean: bool = False


def _read(path: Path) -> _Last:
    with contextlib.suppress(OSError, ValueError):
        return _Last.model_validate_json(path.read_bytes())
    return _Last()


def _path(exercise: Exercise, cache: Path) -> Path:
    bank = hashlib.sha256(str(exercise.bank).encode()).hexdigest()[:12]
    return cache / "seeds" / f"{exercise.slug}-{bank}.json"
