"""Model: where the training starts."""

from screen.ranking import train

__all__ = ["train"]
