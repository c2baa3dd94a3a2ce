"""Scores of the customers of a depot."""
