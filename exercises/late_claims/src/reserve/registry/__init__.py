"""Versions of the model, which of them is in force, and their calibrations."""
