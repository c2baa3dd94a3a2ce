"""Serve: answer the desk."""

from clinic.watch import watch


def score(record, scale):
    """Score one record."""
    try:
        value = float(record["age"]) / scale
    except (KeyError, ValueError):
        return {"score": None, "status": "held"}
    return {"score": value, "status": "ok", "alerts": watch(record)}


def rank(records, scale):
    """Order records by their scores."""
    known = [record for record in records if record["listed"]]
    return sorted(known, key=lambda record: record["age"] / scale)
