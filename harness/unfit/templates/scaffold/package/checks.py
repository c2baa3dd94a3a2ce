"""Hidden checks: each one simulates, calls the submission, and compares what it did."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from unfit import Case, check, measure

from .world import readings

# Floating point may differ in the last digits between batch sizes; the planted defect moves a risk by 0.07 and more.
EXACT = 1e-6

# Of the right fixes, boosting ranks worst: on 500 readings its AUC is 0.833 with a standard deviation of 0.017. The
# floor is nearly five of them below. One risk for all has 0.5.
FLOOR = 0.75

SENT = 0.3  # from this risk on a mechanic is sent, says the README


def scorer(case: Case, history: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Train on a history, and hand back what scores with that model."""
    folder = case.folder()
    case.call("pumps.train:train", history, folder)
    return lambda batch: case.call("pumps.serve:score", folder, batch)


@check
def failing_pumps_come_first(case: Case) -> None:
    """Pumps that fail have higher risks than pumps that do not."""
    score = scorer(case, readings(600, seed=case.seed))
    asked = readings(500, seed=case.seed + 1)
    auc = roc_auc_score(asked["failed"], score(asked.drop(columns="failed"))["risk"])
    case.compare("AUC on new readings", seen=auc, limit=FLOOR, direction="at least", sd=0.017)


@check
def every_reading_comes_back_in_order(case: Case) -> None:
    """There is one risk for each reading, in the order in which they were asked."""
    score = scorer(case, readings(600, seed=case.seed))
    asked = readings(50, seed=case.seed + 1).drop(columns="failed")[::-1]
    case.equal("ids that came back", list(score(asked)["reading_id"]), list(asked["reading_id"]))


# A model that gives every reading the same risk is indifferent to company too: hence `requires`.
@check(requires=("failing_pumps_come_first", "every_reading_comes_back_in_order"))
def a_reading_has_one_risk(case: Case) -> None:
    """A reading gets the same risk alone and in the company of worn pumps."""
    score = scorer(case, readings(600, seed=case.seed))
    asked = readings(3, seed=case.seed + 1).drop(columns="failed")
    crowd = readings(200, seed=case.seed + 2).drop(columns="failed").assign(vibration=12.0, temperature=110.0)
    batches = [pd.concat([asked, crowd]), *(asked.iloc[[row]] for row in range(len(asked)))]
    together, *alone = case.apart(lambda batch: score(batch)["risk"], batches)
    moved = (together.head(len(asked)) - [risk.item() for risk in alone]).abs().max()
    case.compare("a risk moved by {seen} in company", seen=moved, limit=EXACT)


@check
def the_last_version_of_a_reading_counts(case: Case) -> None:
    """A reading that was sent again replaces what was sent before."""
    history = readings(600, seed=case.seed)
    asked = readings(50, seed=case.seed + 1).drop(columns="failed")
    mistaken = history.head(60).assign(failed=lambda first: 1 - first["failed"])
    tables = (history, pd.concat([mistaken, history]))
    plain, corrected = case.apart(lambda table: scorer(case, table)(asked)["risk"], tables)
    case.compare("a risk moved by {seen}", seen=(corrected - plain).abs().max(), limit=EXACT)


@measure
def missed(case: Case) -> dict[str, float]:
    """Failing pumps to which no mechanic is sent, where each night every site is scored by itself."""
    score = scorer(case, readings(600, seed=case.seed))
    wear = np.random.default_rng(case.seed).normal(0, 0.8, size=20)
    sites = [readings(12, seed=case.seed + n, wear=mean, worn=0.6) for n, mean in enumerate(wear, start=1)]
    risks = pd.concat([score(site.drop(columns="failed"))["risk"] for site in sites], ignore_index=True)
    failed = pd.concat(sites, ignore_index=True)["failed"] == 1
    return {"missed failures per 100": 100 * float((risks[failed] < SENT).mean())}
