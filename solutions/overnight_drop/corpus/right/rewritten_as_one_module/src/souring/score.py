"""Score: see `souring.service`."""

from souring.service import score

__all__ = ["score"]
