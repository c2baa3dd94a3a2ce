"""Train."""

from triage.service import train

__all__ = ["train"]
