"""Bids: from a form to a sum for a barn."""
