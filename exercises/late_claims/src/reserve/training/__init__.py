"""Outcomes, the model, folds and figures."""
