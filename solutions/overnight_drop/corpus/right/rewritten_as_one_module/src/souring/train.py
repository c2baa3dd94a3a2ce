"""Train: see `souring.service`."""

from souring.service import train

__all__ = ["train"]
