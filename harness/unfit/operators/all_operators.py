"""Every operator of the kit."""

from __future__ import annotations

from typing import Final

from unfit.operators import (
    answer_operators,
    figure_operators,
    learning_operators,
    run_operators,
    watch_operators,
)
from unfit.operators.operator import Operator

__all__ = ["OPERATORS"]

OPERATORS: Final[tuple[Operator, ...]] = tuple(
    item
    for module in (learning_operators, figure_operators, answer_operators, run_operators, watch_operators)
    for item in vars(module).values()
    if isinstance(item, Operator)
)
"""In the order of the standard's families."""
