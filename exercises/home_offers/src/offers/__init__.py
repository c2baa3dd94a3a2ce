"""Offers: what a home is worth today, and what we offer for it."""
