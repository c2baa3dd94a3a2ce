"""Matinee: the films at the top of a viewer's home page."""
