"""Worlds: an exercise's simulator, loaded as the trusted code of a bank that it is."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from unfit.bank.exercises import Exercise

__all__ = ["load_world"]


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
