"""Features: from applications as the form sends them to the numbers that the model reads."""

from collections import Counter

import numpy as np
import pandas as pd

NUMBERS = ["years", "test", "referred"]
CATEGORIES = {
    "degree": ["none", "bachelor", "master", "doctorate"],
    "gender": ["woman", "man", "not given"],
    "college": [
        "Ashby",
        "Calder",
        "Dunholt",
        "Eastmoor",
        "Fenwick",
        "Garth",
        "Holm",
        "Ivel",
        "Kestrel",
        "Merrow",
    ],
}
LISTS = ["skills", "activities"]
MOST_YEARS = 15
NO_TEST = 50
FEWEST = 20  # applications that must mention a term


def mentioned(applications: pd.DataFrame) -> list[str]:
    """Return what each application lists, in any of its lists."""
    return [";".join(row).lower() for row in applications[LISTS].fillna("").to_numpy()]


def vocabulary(applications: pd.DataFrame) -> set[str]:
    """Return the terms that are mentioned often enough to learn from."""
    texts = mentioned(applications)
    counts = Counter(term.strip() for text in texts for term in text.split(";"))
    del counts[""]
    return {term for term, count in counts.items() if count >= FEWEST}


def build(applications: pd.DataFrame, terms: set[str]) -> np.ndarray:
    """Turn applications into features.

    Parameters
    ----------
    applications : DataFrame of shape (n, any)
        The fields of the data card; what was decided is not needed.
    terms : set of str
        The vocabulary of a training run.

    Returns
    -------
    features : ndarray of shape (n, k)
        Numbers between 0 and 1, none missing.
    """
    numbers = applications[NUMBERS].astype(float)
    numbers["years"] = numbers["years"].clip(0, MOST_YEARS) / MOST_YEARS
    numbers["test"] = numbers["test"].fillna(NO_TEST) / 100
    levels = [applications[field] == level for field, known in CATEGORIES.items() for level in known]
    lists = [[term in listed for term in terms] for listed in mentioned(applications)]
    return np.column_stack([numbers.fillna(0), *levels, np.array(lists, dtype=float)])
