"""The figures of the report."""

import numpy as np
import pandas as pd

CALLS_A_WEEK = 200
VOUCHER, SAVED = 3.0, 20.0


def best_threshold(left: np.ndarray, score: np.ndarray) -> float:
    """Return the score from which vouchers would have earned most."""
    order = np.argsort(-score, kind="stable")
    earned = np.cumsum(SAVED * left[order] - VOUCHER)
    return float(score[order][earned.argmax()])


def at_the_top(left: np.ndarray, score: np.ndarray) -> float:
    """Return the share of leavers among the customers to call."""
    return float(left[np.argsort(-score, kind="stable")[:CALLS_A_WEEK]].mean())


def figures(held_out: pd.DataFrame, threshold: float, seed: int) -> dict:
    """Compute the report."""
    left, score = held_out["y_true"].to_numpy(), held_out["score"].to_numpy()
    rng = np.random.default_rng(seed)
    draws = (rng.integers(len(left), size=len(left)) for _ in range(100))
    low, high = np.quantile([at_the_top(left[rows], score[rows]) for rows in draws], [0.05, 0.95])
    return {
        "metric": "precision among the 200 highest scores",
        "value": at_the_top(left, score),
        "low": float(low),
        "high": float(high),
        **of_vouchers(held_out, threshold),
    }


def of_vouchers(held_out: pd.DataFrame, threshold: float) -> dict:
    """Compute what follows from the threshold."""
    sent = held_out[held_out["score"] >= threshold]
    leavers = held_out["y_true"].sum()
    return {"threshold": threshold, "mailed": len(sent), "recall": sent["y_true"].sum() / max(leavers, 1)}


def audit(held_out: pd.DataFrame, report: dict) -> list[str]:
    """Name each figure of a report that does not follow from its held-out rows."""
    right = of_vouchers(held_out, report["threshold"])
    return [name for name in ("mailed", "recall") if abs(report[name] - right[name]) > 1e-9]
