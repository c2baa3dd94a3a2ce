"""Taxonomy: what is known to go wrong, as the literature and the trade name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["TAXONOMIES", "Mistake", "Taxonomy"]

Mistake = Literal[
    "L1.1",
    "L1.2",
    "L1.3",
    "L1.4",
    "L2",
    "L3.1",
    "L3.2",
    "L3.3",
    "overlap",
    "preprocessing",
    "multi-test",
    "monitor-1",
    "monitor-2",
    "monitor-3",
    "monitor-4",
    "monitor-5",
    "monitor-6",
    "monitor-7",
    "hospital-name",
    "patient-ids",
    "turning-market",
    "recruiting-tool",
    "prize-ensemble",
    "overnight-drop",
    "only-on-test-data",
]
"""A mistake that a defect is an instance of."""


@dataclass(frozen=True)
class Taxonomy:
    """Mistakes that one source tells apart.

    Parameters
    ----------
    name : str
    source : str
        Who says so, and where.
    mistakes : mapping of str to str
        Each mistake's name by its code.
    """

    name: str
    source: str
    mistakes: Mapping[Mistake, str]


TAXONOMIES: Final = (
    Taxonomy(
        "Eight types of leakage",
        "Kapoor & Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 2023",
        {
            "L1.1": "No test set",
            "L1.2": "Pre-processing on training and test set",
            "L1.3": "Feature selection on training and test set",
            "L1.4": "Duplicates in the dataset",
            "L2": "Features that are not legitimate",
            "L3.1": "Temporal leakage",
            "L3.2": "Training and test samples that depend on each other",
            "L3.3": "Sampling bias in the test distribution",
        },
    ),
    Taxonomy(
        "Three kinds of leakage in notebooks",
        "Yang, Brower-Sinning, Lewis & Kästner, Data Leakage in Notebooks, ASE 2022",
        {
            "overlap": "Overlap leakage",
            "preprocessing": "Preprocessing leakage",
            "multi-test": "Multi-test leakage",
        },
    ),
    Taxonomy(
        "Seven monitoring tests",
        "Breck, Cai, Nielsen, Salib & Sculley, The ML Test Score, IEEE Big Data 2017",
        {
            "monitor-1": "Dependency changes result in notification",
            "monitor-2": "Data invariants hold in training and serving inputs",
            "monitor-3": "Training and serving features compute the same values",
            "monitor-4": "Models are not too stale",
            "monitor-5": "The model is numerically stable",
            "monitor-6": "No dramatic regression in speed, latency, throughput or memory",
            "monitor-7": "No regression in prediction quality on served data",
        },
    ),
    Taxonomy(
        "Stories",
        "What happened, as it was told in public",
        {
            "hospital-name": "The model that knew the hospital's name (Google's Machine Learning Crash Course)",
            "patient-ids": "Patient numbers that gave the diagnosis away (KDD Cup 2008)",
            "turning-market": "Homes bought at prices that the market no longer paid (Zillow Offers, 2021)",
            "recruiting-tool": "The recruiting tool that marked women down (Reuters, 2018)",
            "prize-ensemble": "The winning ensemble that was not worth its engineering (Netflix, 2012)",
            "overnight-drop": "The night on which accuracy dropped",
            "only-on-test-data": "The model that worked beautifully, on its test data",
        },
    ),
)
