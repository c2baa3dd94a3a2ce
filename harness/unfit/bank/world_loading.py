"""Worlds: an exercise's simulator, loaded as the trusted code of a bank that it is, and the data that it draws."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any, Final

from unfit.bank.exercises import Exercise

__all__ = ["DATA_HOOK", "draw_data", "load_world"]

DATA_HOOK: Final = "project_data"
"""What a world defines to draw the shipped data anew: ``project_data(*, seed) -> {path: DataFrame, bytes or str}``."""


def load_world(exercise: Exercise) -> ModuleType | None:
    """Load ``world.py``, if there is one, without leaving compiled files beside it."""
    path = exercise.solution / "world.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"world_of_{exercise.slug}", path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.modules[module.__name__] = module  # dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
        del sys.modules[module.__name__]
    return module


def draw_data(exercise: Exercise, seed: int) -> dict[str, bytes] | None:
    """Draw the data that a project ships under another seed, by path; None where the world cannot."""
    hook = getattr(load_world(exercise), DATA_HOOK, None)
    return None if hook is None else {path: _as_bytes(value) for path, value in hook(seed=seed).items()}


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return bytes(value.to_csv(index=False, lineterminator="\n").encode())
