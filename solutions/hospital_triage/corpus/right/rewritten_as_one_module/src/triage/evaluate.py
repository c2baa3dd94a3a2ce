"""Evaluate."""

from triage.service import evaluate

__all__ = ["evaluate"]
