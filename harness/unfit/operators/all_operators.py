"""Every operator of the kit."""

from __future__ import annotations

from typing import Final

from unfit.operators import answers, figures, learning, runs, watch
from unfit.operators.operator import Operator

__all__ = ["OPERATORS"]

OPERATORS: Final[tuple[Operator, ...]] = tuple(
    item
    for module in (learning, figures, answers, runs, watch)
    for item in vars(module).values()
    if isinstance(item, Operator)
)
"""In the order of the standard's families."""
