"""Triage: the risk of cancer on the day of a referral."""
