"""Serve."""

from triage.service import score

__all__ = ["score"]
