"""Delays: how late a flight will arrive, as it can be told three hours before it leaves."""
