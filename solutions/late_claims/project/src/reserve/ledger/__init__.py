"""Payments: how they are ordered, and what has been paid."""
