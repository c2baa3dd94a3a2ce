"""A watch over what was sold."""

import sys


def warn(sales: dict[str, list[float]]) -> None:
    """Name each tea without a day on standard error."""
    for tea, days in sales.items():
        if not days:
            print(f"no sales of {tea}", file=sys.stderr)
