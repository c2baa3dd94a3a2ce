"""Grades for the tests of the report: what a day of grading `hospital_triage` brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unfit.bank import Exercise
from unfit.checks import Check, load_checks
from unfit.grades import (
    BackendUsed,
    DecoyGrade,
    DefectGrade,
    DefectStatus,
    Evidence,
    ExerciseUsed,
    Finding,
    Grade,
    GuardGrade,
    Outcome,
    SubmissionUsed,
    Timings,
    Together,
    Verdict,
    status_of,
)
from unfit.headline import headline
from unfit.report import Reference, ReportContext

FEATURES = b'''"""Turn raw referrals into the columns that the model reads."""

from __future__ import annotations

import pandas as pd

NUMERIC = ["age", "marker", "haemoglobin", "weight_loss"]


def build(referrals: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Join each referral with its site and select the model's columns."""
    joined = referrals.merge(sites, on="site_id", how="inner")
    joined["rural"] = joined["rural"].astype("int8")
    frame = joined[[*NUMERIC, "rural"]].copy()
    frame["hospital"] = joined["hospital"].astype("category").cat.codes
    return frame


def fill(frame: pd.DataFrame) -> pd.DataFrame:
    """Replace missing measurements by the median."""
    return frame.fillna(frame.median())
'''

FEATURES_MENDED = FEATURES.replace(
    b'joined = referrals.merge(sites, on="site_id", how="inner")',
    b'joined = referrals.merge(sites, on="site_id", how="left", validate="many_to_one")',
).replace(
    b"""    joined["rural"] = joined["rural"].astype("int8")
    frame = joined[[*NUMERIC, "rural"]].copy()
    frame["hospital"] = joined["hospital"].astype("category").cat.codes
    return frame
""",
    b"""    joined["rural"] = joined["rural"].fillna(False).astype("int8")
    # The hospital is assigned after triage, so the model must not read it.
    return joined[[*NUMERIC, "rural"]].copy()
""",
)

SERVE = b'''"""Score referrals as they arrive."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from triage.features import build, fill

log = logging.getLogger(__name__)


def score(folder: Path, records: list[dict[str, Any]], sites: pd.DataFrame) -> dict[str, Any]:
    """Score a batch of raw referrals, in order."""
    model = joblib.load(folder / "model.joblib")
    frame = fill(build(pd.DataFrame(records), sites))
    try:
        scores = model.predict_proba(frame)[:, 1]
    except ValueError:
        log.info("scored by default")
        scores = [0.5] * len(frame)
    results = [
        {"referral_id": record["referral_id"], "score": float(value), "status": "ok"}
        for record, value in zip(records, scores, strict=False)
    ]
    return {"results": results, "alerts": []}
'''

SERVE_MENDED = SERVE.replace(
    b"""    except ValueError:
        log.info("scored by default")
        scores = [0.5] * len(frame)
""",
    b"""    except ValueError as error:
        log.warning("could not score the batch: %s", error)
        scores = [float("nan")] * len(frame)
""",
)

EVALUATE = b'''"""Say how well the model ranks referrals that it has not seen."""

from __future__ import annotations

import pandas as pd
from sklearn.model_selection import KFold

from triage import model
from triage.features import build, fill


def evaluate(referrals: pd.DataFrame, sites: pd.DataFrame) -> dict[str, object]:
    """Cross-validate, and return the held-out rows beside the metric."""
    frame = fill(build(referrals, sites))
    folds = KFold(5, shuffle=True, random_state=0).split(frame)
    return model.summarise(frame, referrals, folds)
'''

EVALUATE_MENDED = EVALUATE.replace(b"import KFold", b"import StratifiedKFold").replace(
    b"    folds = KFold(5, shuffle=True, random_state=0).split(frame)\n",
    b'    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(frame, referrals["cancer"])\n',
)


MONITOR_FIXED = (
    b'"""Watch what comes in."""\n\n\ndef watch() -> None:\n    """Compare with the reference."""\n'
)


def notebook(threshold: str) -> bytes:
    """A notebook of two cells with outputs that no report may show."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "markdown",
            "id": "title",
            "metadata": {},
            "source": ["# Referrals\n", "Where to cut."],
        },
        {
            "cell_type": "code",
            "id": "cut",
            "metadata": {},
            "execution_count": 3,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["an old output\n"]}],
            "source": [f"threshold = {threshold}\n", "print(threshold)\n"],
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


SHIPPED = {
    "src/triage/features.py": FEATURES,
    "src/triage/serve.py": SERVE,
    "src/triage/evaluate.py": EVALUATE,
    "notebooks/cut.ipynb": notebook("best(scores, test)"),
    "README.md": b"# Triage\n",
}
SUBMITTED = {
    "src/triage/features.py": FEATURES_MENDED,
    "src/triage/serve.py": SERVE_MENDED,
    "src/triage/evaluate.py": EVALUATE_MENDED,
    "notebooks/cut.ipynb": notebook("best(scores, valid)"),
    "README.md": b"# Triage\n",
    "REVIEW.md": b"# Review\n",
    "src/triage/monitor.py": b'"""Nothing yet."""\n',
}


FIXED = {
    "src/triage/features.py": FEATURES.replace(b'how="inner"', b'how="left", validate="many_to_one"')
    .replace(b'    frame["hospital"] = joined["hospital"].astype("category").cat.codes\n', b"")
    .replace(
        b"""def fill(frame: pd.DataFrame) -> pd.DataFrame:
    \"\"\"Replace missing measurements by the median.\"\"\"
    return frame.fillna(frame.median())
""",
        b"""def fill(frame: pd.DataFrame, medians: pd.Series[float]) -> pd.DataFrame:
    \"\"\"Replace missing measurements by the medians of training.\"\"\"
    return frame.fillna(medians)
""",
    ),
    "src/triage/evaluate.py": EVALUATE.replace(b"KFold", b"GroupKFold").replace(
        b"(5, shuffle=True, random_state=0).split(frame)", b'(5).split(frame, groups=referrals["patient_id"])'
    ),
    "src/triage/serve.py": SERVE,
    "src/triage/monitor.py": MONITOR_FIXED,
}


@dataclass(frozen=True)
class Spot:
    """Where an edit stands in the shipped files."""

    file: str
    cell: str | None
    first: int
    last: int


PLACES = {
    "hospital-name-as-feature": (Spot("src/triage/features.py", None, 15, 15),),
    "patients-on-both-sides": (Spot("src/triage/evaluate.py", None, 14, 14),),
    "filled-from-the-request": (
        Spot("src/triage/features.py", None, 19, 21),
        Spot("src/triage/serve.py", None, 20, 20),
    ),
    "failed-scoring-looks-normal": (Spot("src/triage/serve.py", None, 23, 25),),
    "join-drops-referrals": (Spot("src/triage/features.py", None, 12, 12),),
    "nobody-watches": (
        Spot("src/triage/monitor.py", None, 0, 0),
        Spot("src/triage/serve.py", None, 30, 30),
    ),
}


def verdict(check: str, sentence: str, *evidence: Evidence, **rest: Any) -> Verdict:
    """A verdict whose outcome follows from its evidence unless it is given."""
    outcome = Outcome.PASSED if all(item.passed for item in evidence) else Outcome.FAILED
    return Verdict(
        check=check, sentence=sentence, evidence=evidence, **{"outcome": outcome, "seed": 41, **rest}
    )


def concluded(exercise: Exercise, ending: Callable[[Check], Outcome]) -> dict[str, Verdict]:
    """Let every check of an exercise end in some way."""
    return {
        item.name: Verdict(check=item.name, sentence=item.sentence, outcome=ending(item))
        for item in load_checks(exercise.solution)
    }


def at_most(label: str, seen: float | None, limit: float, **rest: Any) -> Evidence:
    return Evidence(
        label=label,
        seen=seen,
        limit=limit,
        direction="at most",
        passed=seen is not None and seen <= limit,
        **rest,
    )


def at_least(label: str, seen: float, limit: float, **rest: Any) -> Evidence:
    return Evidence(label=label, seen=seen, limit=limit, direction="at least", passed=seen >= limit, **rest)


def equal(label: str, seen: float | str, limit: float | str) -> Evidence:
    return Evidence(label=label, seen=seen, limit=limit, direction="equal", passed=seen == limit)


def defect(
    name: str, title: str, *checks: Verdict, together: Together, spotted: bool | None, **rest: Any
) -> DefectGrade:
    return DefectGrade(
        **{
            "id": name,
            "title": title,
            "category": "leakage",
            "severity": "major",
            "status": status_of(checks),
            "checks": checks,
            "together": together,
            "spotted": spotted,
            **rest,
        }
    )


HOSPITAL = defect(
    "hospital-name-as-feature",
    "The hospital's name is a feature, though a patient has none at referral",
    verdict(
        "hospital_does_not_move_scores",
        "The score of a referral stays the same whatever hospital it is later sent to.",
        at_most("largest change of a score when the hospital changes", 0.0, 1e-6),
    ),
    verdict(
        "recall_holds_at_referral",
        "With the hospital still unknown, the model finds as many cancers as it can.",
        at_most("recall below the reference, referrals as they arrive", 0.0312, 0.12, spread=0.011),
        at_least("cancers found among the 200 highest scores", 61.0, 50.0, spread=4.5),
    ),
    together=Together.MENDED,
    spotted=True,
    severity="critical",
    teaches="Train only on what is known at the moment of the prediction.",
    asks=(
        "Which other columns are filled in after the decision that the model supports?",
        "How would you have seen this before go-live, without an incident?",
    ),
    files=("src/triage/features.py",),
)
PATIENTS = defect(
    "patients-on-both-sides",
    "Referrals of one patient fall on both sides of the split",
    verdict(
        "siblings_share_a_fold",
        "All referrals of a patient are held out together.",
        at_most("share of patients in more than one fold", 0.973, 0.0),
    ),
    verdict(
        "sibling_rows_do_not_move_scores",
        "Changing one referral leaves the held-out scores of the same patient's other referrals unchanged.",
        at_most("largest change of a sibling's score", 0.41, 1e-6),
        Evidence(label="untouched folds stay as they were", passed=True),
    ),
    together=Together.DESCRIBED,
    spotted=True,
    teaches="Split by the unit that repeats.",
    asks=("What would the honest figure have been, and how would you tell the team?",),
    files=("src/triage/evaluate.py",),
)
FILLING = defect(
    "filled-from-the-request",
    "Missing measurements are filled from the batch that happens to arrive",
    verdict(
        "companions_do_not_move_scores",
        "A referral scores the same alone and inside any batch.",
        at_most("largest change of a score between alone and in a batch", 0.1138, 1e-6),
    ),
    together=Together.NEITHER,
    spotted=False,
    category="skew",
    teaches="Serving applies what training learned; it learns nothing from the request.",
    asks=("Why does the error hide in every offline test that scores the whole table at once?",),
    files=("src/triage/features.py", "src/triage/serve.py"),
)
FALLBACK = defect(
    "failed-scoring-looks-normal",
    "When scoring fails, every referral gets 0.5 and is called ok",
    verdict(
        "unscorable_is_flagged",
        "A referral that cannot be scored has no score and says so.",
        outcome=Outcome.ERRORED,
        cause="broke the contract: results[3].score must be float or None. Got NaN instead.",
        where="src/triage/serve.py:26 in score",
        detail=(
            "Traceback (most recent call last):\n"
            '  File "src/triage/serve.py", line 26, in score\n'
            "    raise ValueError('could not convert string to float: \\'unknown\\'')\n"
            "ValueError: could not convert string to float: 'unknown'"
        ),
    ),
    verdict(
        "good_rows_survive_a_bad_one",
        "One bad referral in a batch does not cost the others their scores.",
        Evidence(
            label="rows with a score, of 19 good ones", passed=True, seen=19.0, limit=19.0, direction="equal"
        ),
    ),
    together=Together.DESCRIBED,
    spotted=True,
    category="errors",
    teaches="A failure must look like one.",
    asks=("Who notices first, today, when the model file is the wrong one?",),
    files=("src/triage/serve.py",),
)
JOIN = defect(
    "join-drops-referrals",
    "Referrals from a site without a record are dropped",
    verdict(
        "one_answer_for_each_referral",
        "Every referral gets exactly one answer, in the order of the request.",
        equal("answers to 40 referrals, 6 of them from new sites", 40.0, 40.0),
    ),
    verdict(
        "new_sites_are_scored",
        "Referrals from new sites are scored nearly as well as the others.",
        at_most("loss of AUC on new sites", 0.047, 0.05, spread=0.009, close=True),
    ),
    together=Together.MENDED,
    spotted=True,
    category="errors",
    teaches="Know what a join may drop, and let it complain.",
    asks=("What would you log, so that the next such loss is seen on the first day?",),
    files=("src/triage/features.py",),
)
WATCH = defect(
    "nobody-watches",
    "Nothing watches the inputs or the scores",
    verdict(
        "drift_raises_an_alert",
        "A unit changed upstream raises an alert that names the field.",
        outcome=Outcome.UNPROVEN,
        cause="clean_batches_are_quiet ended as errored, and this check means nothing without it",
        blockers=("clean_batches_are_quiet",),
    ),
    verdict(
        "clean_batches_are_quiet",
        "Ordinary batches raise hardly any alert.",
        outcome=Outcome.ERRORED,
        cause="used more than 10 processor seconds",
        where="src/triage/monitor.py:31 in watch",
        replayable=False,
    ),
    together=Together.PUT_OFF,
    spotted=True,
    category="monitoring",
    teaches="A model without a watch fails in silence.",
    asks=("Which three numbers would you page somebody for?", "What would you do in the first hour?"),
    files=("src/triage/monitor.py", "src/triage/serve.py"),
)
SENTINEL = defect(
    "sentinel-read-as-number",
    "The value that means missing is read as a measurement",
    status=DefectStatus.NOT_PLANTED,
    together=Together.NOT_PLANTED,
    spotted=None,
    files=("src/triage/features.py",),
)

GUARDS = (
    GuardGrade(
        name="ranks_patients",
        outcome=Outcome.PASSED,
        verdict=verdict(
            "ranks_patients",
            "The model ranks honest production referrals well.",
            at_least("AUC on 3,000 referrals", 0.8123, 0.75, spread=0.008),
        ),
    ),
    GuardGrade(
        name="metric_is_its_own",
        outcome=Outcome.PASSED,
        verdict=verdict(
            "metric_is_its_own",
            "The claimed metric is the one that its held-out rows give.",
            at_most("claimed minus recomputed", -2.1e-17, 1e-6),
        ),
    ),
)
BROKEN_GUARD = GuardGrade(
    name="answers_stay_in_order",
    outcome=Outcome.FAILED,
    verdict=verdict(
        "answers_stay_in_order",
        "Clean batches get one answer a referral, in order.",
        Evidence(
            label="order of the answers",
            passed=False,
            seen="R3, R1, R2",
            limit="R1, R2, R3",
            direction="equal",
        ),
    ),
)
DECOYS = (
    DecoyGrade(
        id="unit-conversion-before-split",
        title="Haemoglobin is converted to g/L on the whole table",
        verdict=verdict(
            "conversion_learns_nothing",
            "Converting the whole table equals converting row by row.",
            at_most("largest difference", 0.0, 1e-12),
        ),
    ),
)
FINDINGS = (
    Finding(
        title="Hospital leaks the answer",
        where="src/triage/features.py:16",
        category="leakage",
        text="Hospital leaks the answer.\nCancer centres are in the name. At referral the column is empty and recall "
        "collapses.\nRemoved the column from build().",
        rests_on=("Hospital", "At referral"),
        source="REVIEW.md:12",
        match="matched",
        defects=("hospital-name-as-feature",),
    ),
    Finding(
        title="CV is too optimistic, same patients everywhere",
        where="src/triage/evaluate.py, evaluate()",
        category="evaluation",
        text="The reported AUC will not hold.\nStratify the folds.",
        source="REVIEW.md:25",
        match="matched",
        defects=("patients-on-both-sides",),
    ),
    Finding(
        title="0.5 is returned silently",
        where="serve.py",
        category="errors",
        text="A broken model looks like a calm day.\nReturn NaN and warn.",
        source="REVIEW.md:33",
        match="matched",
        defects=("failed-scoring-looks-normal",),
    ),
    Finding(
        title="Inner join loses rows",
        where="src/triage/features.py:12",
        text="Left join, with validate.",
        source="src/triage/features.py:12",
        match="matched",
        defects=("join-drops-referrals",),
    ),
    Finding(
        title="No monitoring at all",
        category="monitoring",
        put_off="Needs a decision on who is paged; two days of work, and no patient is at risk this week.",
        source="REVIEW.md:41",
        match="matched",
        defects=("nobody-watches",),
    ),
    Finding(
        title="Unit conversion is fitted on all rows",
        where="src/triage/features.py",
        category="leakage",
        source="REVIEW.md:47",
        match="unfounded",
        defects=("unit-conversion-before-split",),
    ),
    Finding(
        title="The model file is loaded for every request",
        where="src/triage/serve.py:19",
        category="serving",
        text="Slow, and a half-written file is read.",
        source="REVIEW.md:52",
    ),
    Finding(
        title="Type of `scores` changes from array to list",
        where="src/triage/serve.py:25",
        source="REVIEW.md:58",
    ),
)

DECISION = "Hold. The model cannot see what it needs at referral, and nobody would notice."

PUBLIC = ExerciseUsed(
    slug="hospital_triage",
    title="Which referral first?",
    version="1.0.0",
    digest="4b1f0c2e9a77d3558e6f2a10c9b4d7e8f0a1b2c3d4e5f60718293a4b5c6d7e8f",
    exposure="public",
    verified=True,
)
BUBBLEWRAP = BackendUsed(name="bubblewrap", protected=True)


def build(**changes: Any) -> Grade:
    """A grade with every ending in it, or one that differs from it in what is named."""
    parts: dict[str, Any] = {
        "kit": "0.1.0",
        "exercise": PUBLIC,
        "submission": SubmissionUsed(name="ada-0417", digest="9c" * 32, files=14, size=48213),
        "backend": BUBBLEWRAP,
        "environment": "e7" * 32,
        "seed": 7310442,
        "defects": (HOSPITAL, PATIENTS, FILLING, FALLBACK, JOIN, WATCH, SENTINEL),
        "guards": GUARDS,
        "decoys": DECOYS,
        "findings": FINDINGS,
        "decision": (DECISION,),
        "timings": Timings(processor_seconds=4.81, wall_seconds=7.2, checks={"siblings_share_a_fold": 0.61}),
        **changes,
    }
    parts.setdefault("headline", headline(parts["defects"], parts["guards"], parts["findings"]))
    return Grade(**parts)


MIXED = build()
"""Mended, described only, neither, errored, unproven, a close call, and one that was not planted."""

LOUD = build(
    guards=(*GUARDS, BROKEN_GUARD),
    backend=BackendUsed(name="unprotected", protected=False),
    exercise=PUBLIC.model_copy(update={"verified": False}),
    notes=("No receipt proves which form was handed out; the default form was assumed.",),
)
"""Everything that must be said first."""

PRIVATE = build(exercise=PUBLIC.model_copy(update={"exposure": "private"}))
"""An exercise whose answers are not known."""

ATTACK = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\u202egnp.exe\u200b"
    " [bold red]free[/] {{ 7*7 }} ]]>"
)
"""Markup, control characters, direction marks and templates, in one line."""


def _hostile_finding(match: str, target: str) -> Finding:
    return Finding.model_validate(
        {
            "title": ATTACK,
            "where": f"src/{ATTACK}.py",
            "category": ATTACK,
            "text": f"{ATTACK}\n@everyone #1 https://evil.example | `code` ```\n# heading\n{ATTACK}",
            "rests_on": (ATTACK, "javascript:alert(3)"),
            "put_off": ATTACK,
            "source": ATTACK,
            "match": match,
            "defects": (target,) if target else (),
            "overruled": "",
        }
    )


_HOSTILE_VERDICT = verdict(
    "unscorable_is_flagged",
    "A referral that cannot be scored has no score and says so.",
    Evidence(label="what came back", passed=False, seen=ATTACK, limit="held", direction="equal", unit=""),
    at_most("a number that is none", None, 0.05),
    outcome=Outcome.ERRORED,
    cause=ATTACK,
    where=ATTACK,
    detail=f"{ATTACK}\n\rPASSED\b\b\n\x9b31m\x00{ATTACK}",
)
HOSTILE = build(
    submission=SubmissionUsed(name=f"../../{ATTACK}", digest="00" * 32, files=1, size=1),
    defects=(
        FALLBACK.model_copy(update={"checks": (_HOSTILE_VERDICT,)}),
        PATIENTS,
    ),
    findings=(
        _hostile_finding("matched", "failed-scoring-looks-normal"),
        _hostile_finding("unfounded", "unit-conversion-before-split"),
        _hostile_finding("unmatched", ""),
    ),
    guards=(*GUARDS, GuardGrade(name="hostile", outcome=Outcome.ERRORED, verdict=_HOSTILE_VERDICT)),
    notes=(),
)
"""Every text that a submission can reach, turned against its reader."""

REFERENCES = {
    ("recall_holds_at_referral", "recall below the reference, referrals as they arrive"): Reference(
        fixed=(-0.004, 0.008, 0.012, 0.019, 0.027), broken=(0.281, 0.305, 0.322, 0.34, 0.366)
    ),
    ("companions_do_not_move_scores", "largest change of a score between alone and in a batch"): Reference(
        fixed=(0.0, 0.0, 0.0), broken=(0.0921, 0.11, 0.1304)
    ),
}


@dataclass(frozen=True)
class Cost:
    """A measured loss, as the gate records it."""

    defect: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    loss: str = "missed cancers per 1,000 referrals"
    reason: str = ""


LOSSES = (
    Cost("patients-on-both-sides", loss="", reason="It flatters the figure and moves no patient."),
    Cost("hospital-name-as-feature", 21.4, 18.9, 23.9),
    Cost("filled-from-the-request", 2.1, 0.4, 3.8),
    Cost("failed-scoring-looks-normal", 6.3, 4.9, 7.7),
    Cost("join-drops-referrals", 5.6, 4.1, 7.1),
    Cost("nobody-watches", loss="", reason="What it costs depends on what happens next."),
    Cost("sentinel-read-as-number", 1.0, 0.5, 1.5),
)


@dataclass(frozen=True)
class Quoted:
    """Some lines of a review."""

    role: str
    text: str
    line: int
    source: str = ""


@dataclass(frozen=True)
class Written:
    """What a review says, line by line."""

    passages: tuple[Quoted, ...] = (
        Quoted("rest", "# Review", 1),
        Quoted("decision", DECISION, 3),
        Quoted(
            "first_three",
            "1. Hospital out of the features: it is the reason why production fails.\n"
            "2. Inner join, since patients vanish.\n"
            "3. Say so when scoring fails.",
            5,
        ),
        Quoted(
            "first_hour", "Stop automatic triage, call the clinics,\nre-read last week's list by hand.", 9
        ),
        Quoted("finding", "Hospital leaks the answer", 12),
        Quoted("watch", "Share of referrals without a hospital; share scored 0.5.", 70),
    )
    announced: bool = True


OPENING = Written()
CONTEXT = ReportContext(
    shipped=SHIPPED,
    submitted=SUBMITTED,
    fixed=FIXED,
    places=PLACES,
    references=REFERENCES,
    opening=OPENING,
    losses=LOSSES,
)
"""Everything that a report can show beside the grade."""

HOSTILE_SUBMITTED = {
    **SUBMITTED,
    "src/triage/serve.py": f"# {ATTACK}\n</td></table><script>alert(4)</script>\n".encode()
    + b"\xff\xfe\x1b]0;owned\x07\n",
    "src/triage/evaluate.py": b"\x00" * 200,
    "notebooks/cut.ipynb": b'{"cells": [' + b"[" * 100_000,
    f"src/{ATTACK}.py": ATTACK.encode(),
}
