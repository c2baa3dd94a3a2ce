"""Versions of the model."""
