"""Score: where a round comes in."""

from screen.ranking import score

__all__ = ["score"]
