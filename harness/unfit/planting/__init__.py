"""Planting: edits of the fixed project into variants with defects."""

from __future__ import annotations

from unfit.planting.linting import Lint, added, leftovers, lint
from unfit.planting.showing import show
from unfit.planting.tree_writing import write_tree
from unfit.planting.variants import (
    Place,
    Variant,
    ensure_current,
    plant,
    regenerate,
    shipped_tree,
    stale,
)

__all__ = [
    "Lint",
    "Place",
    "Variant",
    "added",
    "ensure_current",
    "leftovers",
    "lint",
    "plant",
    "regenerate",
    "shipped_tree",
    "show",
    "stale",
    "write_tree",
]
