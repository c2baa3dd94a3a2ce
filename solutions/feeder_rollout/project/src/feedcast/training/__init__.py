"""Model, folds and figures."""
