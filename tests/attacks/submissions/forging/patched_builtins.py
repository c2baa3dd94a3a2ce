"""Patch builtins, comparisons and metrics, the worker's own included: its answer is broken, and the next call's is not.

ends: protocol
says: not plain data
"""

import builtins

import pandas as pd
import sklearn.metrics


def attack(bait):
    builtins.len = builtins.sum = lambda *_: 1
    pd.DataFrame.__eq__ = pd.DataFrame.equals = lambda *_: True
    sklearn.metrics.roc_auc_score = lambda *_, **__: 1.0
    return sklearn.metrics.roc_auc_score([0, 1], [1, 0])
