"""Forecast the sales of a lemonade stand."""


def train(days):
    """Learn the level of sales."""
    week = list(days)[-7:]
    total = 0.0
    for day in week:
        total += day
    return {"level": total / len(week)}


def score(level, cups):
    """Score each day against the level."""
    return [0.0 if cup is None else cup - level for cup in cups]
