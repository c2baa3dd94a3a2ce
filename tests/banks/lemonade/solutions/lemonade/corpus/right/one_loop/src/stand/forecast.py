"""Forecast the sales of a lemonade stand."""

from statistics import fmean

WEEK = slice(-7, None)


def train(days):
    """Learn the level of sales."""
    return {"level": fmean(days[WEEK])}


def score(level, cups):
    """Score each day against the level."""
    scores = []
    for cup in cups:
        scores.append((level if cup is None else cup) - level)
    return scores
