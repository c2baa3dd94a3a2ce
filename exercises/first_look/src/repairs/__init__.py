"""Repairs: how long it takes to mend what people bring to the café."""
