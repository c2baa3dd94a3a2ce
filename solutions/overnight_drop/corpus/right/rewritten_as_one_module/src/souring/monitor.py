"""Monitor: see `souring.service`."""

from souring.service import watch

__all__ = ["watch"]
