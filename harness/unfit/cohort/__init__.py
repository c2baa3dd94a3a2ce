"""Cohorts: many submissions of one exercise, each graded once, and what they say together."""
