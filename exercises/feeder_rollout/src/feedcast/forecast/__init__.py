"""Forecasts of tomorrow, and what follows from them."""
