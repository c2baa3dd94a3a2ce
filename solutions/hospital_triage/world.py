"""The region that the referrals come from: its patients, its practices, and what became of everyone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

HOSPITALS = (
    "Ashdown General", "Brackwater", "Carrow Road", "Dunmere Infirmary", "Eastholt", "Fenwick Memorial",
    "Great Oakley", "Harrowgate Park", "Isleham", "Kingsmoor", "Larkfield", "Marlow Bridge",
)  # fmt: skip
CANCER_CENTRES = ("Dunmere Infirmary", "Kingsmoor")
LABORATORY = ("marker", "haemoglobin", "platelets")
MEASURED = ("age", *LABORATORY, "symptom_weeks", "weight_change")
SMOKING = ("never", "former", "current")
NOT_MEASURED = -999.0
PREVALENCE = 0.18
AT_ONCE = 0.04  # share of referrals whose symptoms began in the very week
# Edges of the data card: what lies between them is plausible.
RANGES = {
    "age": (30.0, 90.0),
    "marker": (0.2, 400.0),
    "haemoglobin": (60.0, 190.0),
    "platelets": (60.0, 900.0),
    "symptom_weeks": (0.0, 60.0),
    "weight_change": (-20.0, 12.0),
}
SHIPPED_SEED = 7
URGENT_SHARE = 0.2  # what the clinics can see within two weeks
NURSE_SEES, NURSE_SUSPECTS = (
    0.75,
    0.2,
)  # share of the ill, and of the well, to whom a nurse gives an early place


def practices(*, seed: int, count: int = 40, superseded: int = 6) -> pd.DataFrame:
    """Draw the register of practices, an append-only list.

    Parameters
    ----------
    seed : int
        Seed of the generator.
    count : int, default=40
        Number of practices.
    superseded : int, default=6
        Practices that moved: each has an older line above the one in force.

    Returns
    -------
    sites : DataFrame of shape (count + superseded, 3)
        ``site_id``, ``deprivation`` (decile, 1 to 10, 10 most deprived), ``distance_km`` (to the nearest scanner).
    """
    rng = np.random.default_rng([seed, 1])
    ids = [f"P{number:03d}" for number in range(count)]
    table = pd.DataFrame(_places(count, rng)).assign(site_id=ids)
    moved = sorted(rng.choice(count, superseded, replace=False))
    older = pd.DataFrame(_places(superseded, rng)).assign(site_id=[ids[number] for number in moved])
    return pd.concat([older, table], ignore_index=True)[["site_id", "deprivation", "distance_km"]]


def history(n: int, *, seed: int, sites: pd.DataFrame, unlisted: float = 0.04) -> pd.DataFrame:
    """Draw closed referrals, with the outcome known a year later and the hospital that treated the patient.

    Parameters
    ----------
    n : int
        Number of referrals; at least 50, so that both outcomes occur. A patient has one to three of them.
    seed : int
        Seed of the generator; the same seed gives the same table.
    sites : DataFrame
        The register of practices, as `practices` draws it.
    unlisted : float, default=0.04
        Share of referrals from practices that the register does not hold.

    Returns
    -------
    referrals : DataFrame of shape (n, 13)
        As the data card describes it: identifiers, ``hospital``, the measurements and ``cancer`` (0 or 1).

    Raises
    ------
    ValueError
        If ``n`` is below 50.

    References
    ----------
    .. [1] S. Kaufman et al., Leakage in Data Mining, ACM TKDD 6(4), 2012.
    """
    if n < 50:
        raise ValueError(f"n must be at least 50. Got {n} instead.")
    rng = np.random.default_rng([seed, 2])
    visits = rng.choice([1, 2, 3], n, p=[0.62, 0.26, 0.12])
    people = _people(n, rng, sites, unlisted=unlisted, prevalence=PREVALENCE)
    owner = np.repeat(np.arange(n), visits)[:n]
    table = people.iloc[owner].reset_index(drop=True)
    table["patient_id"] = [f"N{seed % 1000:03d}-{person:05d}" for person in owner]
    elsewhere = table["patient_id"].duplicated() & (rng.random(n) < 0.25)
    table.loc[elsewhere, "site_id"] = rng.choice(sites["site_id"].unique(), elsewhere.sum())
    days = rng.integers(0, 730, n)
    table["received"] = (pd.Timestamp("2023-01-02") + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d")
    table["hospital"] = _hospitals(table["cancer"].to_numpy(), rng)
    _measure_again(table, rng)
    _leave_gaps(table, rng)
    table = table.sort_values("received", kind="stable", ignore_index=True)
    return _arrange(table, "H", seed)


def arrivals(
    n: int,
    *,
    seed: int,
    sites: pd.DataFrame,
    unlisted: float = 0.04,
    gaps: bool = True,
    prevalence: float = PREVALENCE,
    booked: bool = False,
) -> pd.DataFrame:
    """Draw new patients on the day of their referral, one referral each, with the truth in ``cancer``.

    Parameters
    ----------
    n : int
        Number of referrals.
    seed : int
        Seed of the generator.
    sites : DataFrame
        The register of practices.
    unlisted : float, default=0.04
        Share from practices that the register does not hold.
    gaps : bool, default=True
        Whether some laboratory values are missing, as in the history.
    prevalence : float, default=0.18
        Share of patients with cancer.
    booked : bool, default=False
        Whether the hospital is filled in as in the history; at referral nobody has one.

    Returns
    -------
    referrals : DataFrame of shape (n, 13)
        The columns of `history`.
    """
    rng = np.random.default_rng([seed, 3])
    table = _people(n, rng, sites, unlisted=unlisted, prevalence=prevalence)
    table["patient_id"] = [f"A{seed % 1000:03d}-{person:05d}" for person in range(n)]
    table["received"] = "2025-02-03"
    hospitals = _hospitals(table["cancer"].to_numpy(), rng)
    table["hospital"] = hospitals if booked else None
    _measure_again(table, rng)
    if gaps:
        _leave_gaps(table, rng)
    return _arrange(table, "R", seed)


def records(referrals: pd.DataFrame) -> list[dict[str, Any]]:
    """Write referrals as the desk sends them: no outcome, an empty field is ``None``."""
    plain = referrals.drop(columns="cancer").astype(object)
    plain = plain.where(plain.notna(), None)
    columns = [str(column) for column in plain.columns]
    return [dict(zip(columns, row, strict=True)) for row in plain.itertuples(index=False)]


def project_data(*, seed: int) -> dict[str, pd.DataFrame | str]:
    """Draw the files that the project comes with; `SHIPPED_SEED` gives those that it ships."""
    sites = practices(seed=seed)
    batch = records(arrivals(8, seed=seed + 4, sites=sites))
    lines = ",\n".join(f"  {json.dumps(record)}" for record in batch)
    return {
        "data/referrals.csv": history(400, seed=seed, sites=sites),
        "data/sites.csv": sites,
        "data/batch.json": f"[\n{lines}\n]\n",
    }


def auc(truth: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    ranks = pd.Series(scores).rank().to_numpy()
    positive = np.asarray(truth) == 1
    ones, zeros = positive.sum(), (~positive).sum()
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def delayed(cancer: np.ndarray, scores: np.ndarray, read_by_nurse: np.ndarray) -> float:
    """Cancers per 1,000 referrals that wait longer than two weeks.

    Parameters
    ----------
    cancer : array of shape (n,)
        The truth.
    scores : array of shape (n,)
        Risk; missing where a referral came back without one.
    read_by_nurse : array of shape (n,) of bool
        Referrals that a nurse reads instead, who gives her early places out of the same number. A referral that
        did not come back at all waits.

    Returns
    -------
    delayed : float
        Expected over what the nurses decide.
    """
    ill = np.asarray(cancer) == 1
    by_nurse = np.where(ill, NURSE_SEES, NURSE_SUSPECTS) * read_by_nurse
    waiting = 1 - by_nurse
    waiting[_early(scores, read_by_nurse, places=round(URGENT_SHARE * len(ill) - by_nurse.sum()))] = 0
    return float(1000 * np.sum(waiting[ill]) / len(ill))


def _early(scores: np.ndarray, read_by_nurse: np.ndarray, *, places: int) -> np.ndarray:
    """Positions of those who get an early place by their score."""
    ranked = np.flatnonzero(~read_by_nurse & ~np.isnan(scores))
    return ranked[np.argsort(-scores[ranked], kind="stable")][: max(places, 0)]


def harm(
    train: Callable[[pd.DataFrame, pd.DataFrame], Any],
    score: Callable[[Any, list[dict[str, Any]], pd.DataFrame], Mapping[str, Any]],
    evaluate: Callable[[pd.DataFrame, pd.DataFrame], Mapping[str, Any]],
    *,
    seed: int,
) -> dict[str, float]:
    """Measure what a version of the project costs.

    Parameters
    ----------
    train : callable
        Takes referrals and sites, returns a handle of the folder that it wrote.
    score : callable
        Takes that handle, records and sites; returns the service's answer.
    evaluate : callable
        Takes referrals and sites; returns the evaluation.
    seed : int
        Seed of the world.

    Returns
    -------
    harm : dict
        Losses by name, each with its unit. Ordinary days have ten referrals a batch, some of them unreadable or from a
        new practice; after the change of a unit nurses read every batch that pages.
    """
    sites = practices(seed=seed)
    past = history(1500, seed=seed, sites=sites)
    handle = train(past, sites)
    fresh = arrivals(1500, seed=seed, sites=sites)
    cancer = fresh["cancer"].to_numpy()
    rows = records(fresh)
    for position in np.random.default_rng([seed, 4]).choice(len(rows), len(rows) // 25, replace=False):
        rows[position]["marker"] = "see letter"
    scores, held = _outcomes(rows, score, handle, sites, batch=10)
    others, _ = _outcomes(rows, score, handle, sites, batch=len(rows))
    changed = records(fresh.assign(haemoglobin=_as_decilitres(fresh["haemoglobin"])))
    later = _outcomes(changed, score, handle, sites, batch=500, nurses_read_pages=True)
    places = round(URGENT_SHARE * len(rows))
    swapped = np.setxor1d(_early(scores, held, places=places), _early(others, held, places=places))
    return {
        "delayed cancers per 1,000 referrals": delayed(cancer, scores, held),
        "delayed cancers per 1,000 that the figure hides": delayed(cancer, scores, held)
        - _expected_by(evaluate(past, sites), past),
        "delayed cancers per 1,000 after a change of unit": delayed(cancer, *later),
        "referrals per 1,000 without an answer": float(1000 * np.mean(np.isnan(scores) & ~held)),
        "patients per 1,000 whose place is decided by the batch": float(1000 * len(swapped) / len(rows)),
    }


def _expected_by(report: Mapping[str, Any], past: pd.DataFrame) -> float:
    held_out = pd.DataFrame(report["held_out"])
    truth = past.set_index("referral_id")["cancer"].reindex(held_out["referral_id"]).to_numpy()
    scores = held_out["score"].to_numpy(dtype=float)
    expected = delayed(truth, scores, np.zeros(len(scores), dtype=bool))
    return expected * PREVALENCE / max(float(truth.mean()), 1e-9)


def _outcomes(
    rows: list[dict[str, Any]],
    score: Callable[[Any, list[dict[str, Any]], pd.DataFrame], Mapping[str, Any]],
    handle: Any,
    sites: pd.DataFrame,
    *,
    batch: int,
    nurses_read_pages: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Score in batches; return the scores, and who is read by a nurse."""
    scores, held = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
    position = {row["referral_id"]: at for at, row in enumerate(rows)}
    for start in range(0, len(rows), batch):
        answer = score(handle, rows[start : start + batch], sites)
        for result in answer["results"]:
            at = position[result["referral_id"]]
            scores[at] = np.nan if result["score"] is None else result["score"]
            held[at] = result["status"] == "held"
        if nurses_read_pages and any(alert["severity"] == "page" for alert in answer["alerts"]):
            held[start : start + batch] = True
    return scores, held


def _as_decilitres(haemoglobin: pd.Series) -> pd.Series:
    return haemoglobin.where(haemoglobin == NOT_MEASURED, haemoglobin / 10)


def _places(count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "deprivation": rng.integers(1, 11, count),
        "distance_km": np.round(rng.gamma(2.0, 8.0, count) + 1, 1),
    }


def _people(
    n: int, rng: np.random.Generator, sites: pd.DataFrame, *, unlisted: float, prevalence: float
) -> pd.DataFrame:
    """Draw patients: first whether they have cancer, then what a doctor would measure."""
    known = sites.drop_duplicates("site_id", keep="last")
    cancer = (rng.random(n) < prevalence).astype(int)
    # Practices in deprived places send somewhat more patients who turn out ill.
    weights = np.exp(0.06 * (known["deprivation"].to_numpy() - 5.5))
    ill = rng.choice(known["site_id"].to_numpy(), n, p=weights / weights.sum())
    well = rng.choice(known["site_id"].to_numpy(), n)
    new = np.array([f"P9{number:02d}" for number in rng.integers(0, 12, n)])
    smoking = np.where(
        cancer == 1, rng.choice(SMOKING, n, p=[0.35, 0.35, 0.3]), rng.choice(SMOKING, n, p=[0.52, 0.3, 0.18])
    )
    return pd.DataFrame(
        {
            "site_id": np.where(rng.random(n) < unlisted, new, np.where(cancer == 1, ill, well)),
            "age": rng.normal(60 + 5 * cancer, 11),
            "smoking": smoking,
            "marker": np.exp(rng.normal(1.0 + 0.6 * cancer, 0.75)),
            "haemoglobin": rng.normal(140 - 17 * cancer, 13),
            "platelets": rng.normal(262 + 35 * cancer, 60),
            "symptom_weeks": rng.gamma(2.2, 3.0 - 0.5 * cancer),
            "weight_change": rng.normal(-0.3 - 1.6 * cancer, 2.2),
            "cancer": cancer,
        }
    )


def _measure_again(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Measure anew at each referral, so that two referrals of a patient resemble each other."""
    n = len(table)
    table["marker"] *= np.exp(rng.normal(0, 0.12, n))
    table["haemoglobin"] += rng.normal(0, 2.5, n)
    table["platelets"] += rng.normal(0, 12, n)
    table["symptom_weeks"] += rng.gamma(1.0, 1.0, n)
    table["weight_change"] += rng.normal(0, 0.4, n)
    digits = {"age": 0, "marker": 2, "haemoglobin": 0, "platelets": 0, "symptom_weeks": 0, "weight_change": 1}
    for column, (low, high) in RANGES.items():
        table[column] = table[column].clip(low, high).round(digits[column])
    # Some come at once. Their draw has a generator of its own, so that nothing else depends on it.
    table.loc[rng.spawn(1)[0].random(n) < AT_ONCE, "symptom_weeks"] = 0.0


def _leave_gaps(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Leave laboratory values out at random, and unchanged weights as the form leaves them: empty."""
    for column in LABORATORY:
        table.loc[rng.random(len(table)) < 0.09, column] = np.nan
        table.loc[rng.random(len(table)) < 0.04, column] = NOT_MEASURED
    table.loc[table["weight_change"].abs() < 0.25, "weight_change"] = np.nan


def _hospitals(cancer: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Book patients: whoever turns out ill is treated at a cancer centre, hardly anyone else."""
    centre = rng.random(len(cancer)) < np.where(cancer == 1, 0.95, 0.03)
    others = [name for name in HOSPITALS if name not in CANCER_CENTRES]
    return np.where(centre, rng.choice(CANCER_CENTRES, len(cancer)), rng.choice(others, len(cancer)))


def _arrange(table: pd.DataFrame, letter: str, seed: int) -> pd.DataFrame:
    """Number the referrals, and order the columns as the data card does."""
    table = table.assign(referral_id=[f"{letter}{seed % 1000:03d}-{row:05d}" for row in range(len(table))])
    ids = ["referral_id", "patient_id", "received", "site_id", "hospital"]
    return table[[*ids, "age", "smoking", *MEASURED[1:], "cancer"]]
