"""Souring: which loads of raw milk will turn sour before the third day."""
