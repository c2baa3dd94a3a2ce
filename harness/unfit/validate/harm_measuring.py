"""Harm: what each defect costs in the world, beside the fixed project under the same seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from scipy import stats

from unfit.bank import Defect, Exercise
from unfit.bank.exercises import HARM
from unfit.bank.nearest_word import nearest
from unfit.files import write_atomically
from unfit.harm import Harm, Loss, Scale, read_harm
from unfit.validate.planning import plan
from unfit.validate.proof import ground_of_harm, proof_of
from unfit.validate.validation import Problem, Seen

__all__ = ["contradictions", "measure_harm", "richer", "write_harm"]

UNMEASURABLE = "not measurable: "
CONFIDENCE = 0.95
DIGITS = 4
"""Significant digits that a drawing needs."""
SEVERITIES = ("minor", "major", "critical")


def measure_harm(exercise: Exercise, seen: Sequence[Seen]) -> Harm:
    """Compare the losses of each single defect with those of the fixed project.

    Parameters
    ----------
    exercise : Exercise
    seen : sequence of Seen

    Returns
    -------
    harm : Harm
        One loss a defect, with a t interval of the difference, paired by seed.
    """
    found = {(item.tree, item.seed): item for item in seen}
    seeds = tuple(seed for tree, seed in found if tree == "fixed" and found[tree, seed].losses)
    names = {name for seed in seeds for name in found["fixed", seed].losses}
    fixed = {name: fmean(found["fixed", seed].losses[name] for seed in seeds) for name in sorted(names)}
    losses = tuple(_loss(defect, found, seeds) for defect in exercise.defects)
    return Harm(seeds=seeds, fixed=fixed, losses=losses, scales=tuple(_scales(seen)))


def _scales(seen: Sequence[Seen]) -> Iterator[Scale]:
    """Gather every number that has a limit, on the fixed and on the shipped project."""
    numbers: dict[tuple[str, str], dict[str, list[float]]] = {}
    for item in seen:
        if item.tree in {"fixed", "shipped"}:
            for check, verdict in item.verdicts.items():
                for evidence in verdict.evidence:
                    if isinstance(evidence.seen, float) and isinstance(evidence.limit, float):
                        trees = numbers.setdefault((check, evidence.label), {"fixed": [], "shipped": []})
                        trees[item.tree].append(float(f"{evidence.seen:.{DIGITS}g}"))
    for (check, label), trees in numbers.items():
        yield Scale(check=check, label=label, fixed=tuple(trees["fixed"]), broken=tuple(trees["shipped"]))


def _loss(defect: Defect, found: dict[tuple[str, int], Seen], seeds: Sequence[int]) -> Loss:
    facts: dict[str, Any] = {"defect": defect.id, "severity": defect.severity}
    if not defect.harm or defect.harm.startswith(UNMEASURABLE):
        return Loss(**facts, loss="", reason=defect.harm)
    alone = f"alone {defect.id}"
    pairs = [
        (found["fixed", seed].losses, found[alone, seed].losses) for seed in seeds if (alone, seed) in found
    ]
    differences = [
        planted[defect.harm] - fixed[defect.harm]
        for fixed, planted in pairs
        if defect.harm in planted and defect.harm in fixed
    ]
    if not differences:
        why = next(
            (item.unmeasured for (tree, _), item in found.items() if tree == alone and item.unmeasured), ""
        )
        return Loss(**facts, loss=defect.harm, reason=why or "nothing was measured")
    low, high = _interval(differences)
    return Loss(
        **facts, loss=defect.harm, mean=fmean(differences), low=low, high=high, seeds=len(differences)
    )


def _interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Student's t interval of the mean; a single value has none."""
    if len(values) == 1:
        return None, None
    mean, error = fmean(values), stdev(values) / math.sqrt(len(values))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return mean - half, mean + half


def contradictions(exercise: Exercise, harm: Harm, seen: Sequence[Seen]) -> Iterator[Problem]:
    """Name every defect whose harm is not stated, not measured, or at odds with its severity."""
    where = f"solutions/{exercise.slug}/defects.toml"
    broken = next((item for item in seen if item.tree == "fixed" and item.unmeasured), None)
    if broken is not None:
        yield Problem(
            gate="harm",
            what=f"the measure of harm does not work on the fixed project: {broken.unmeasured}",
            where=f"fixed, seed {broken.seed}",
            fix="mend the function under @measure",
        )
    for defect, loss in zip(exercise.defects, harm.losses, strict=True):
        if broken is None or not defect.harm:
            yield from _stated(defect, loss, harm, where)
    for one, other in combinations([loss for loss in harm.losses if loss.mean is not None], 2):
        lower, higher = sorted((one, other), key=lambda loss: SEVERITIES.index(loss.severity))
        if lower.loss == higher.loss and lower.severity != higher.severity and _above(lower, higher):
            yield Problem(
                gate="harm",
                what=f"`{lower.defect}` is {lower.severity} and costs {lower.mean:.4g} {lower.loss}, "
                f"`{higher.defect}` is {higher.severity} and costs only {higher.mean:.4g}",
                where=where,
                fix="let `severity` follow the harm, or measure the harm that the severity means",
            )


def _above(lower: Loss, higher: Loss) -> bool:
    return lower.low is not None and higher.high is not None and lower.low > higher.high


def _stated(defect: Defect, loss: Loss, harm: Harm, where: str) -> Iterator[Problem]:
    key = f"defect[{defect.id}].harm"
    if not defect.harm:
        yield Problem(
            gate="harm",
            what=f"`{key}` is missing",
            where=where,
            fix=f'name the loss that it causes, as the function under @measure calls it, or "{UNMEASURABLE}why"',
        )
    elif loss.loss and harm.fixed and loss.loss not in harm.fixed:
        yield Problem(
            gate="harm",
            what=f"`{key}` = {loss.loss!r} is no loss that was measured{nearest(loss.loss, harm.fixed)}",
            where=where,
            fix="name one of the losses that the function under @measure returns",
        )
    elif loss.loss and not harm.fixed:
        yield Problem(
            gate="harm",
            what=f"`{key}` names {loss.loss!r}, but nothing measures it",
            where=where,
            fix="write a function under @measure in checks.py that returns it",
        )
    elif loss.loss and loss.mean is None:
        yield Problem(
            gate="harm", what=f"the harm of `{defect.id}` was not measured: {loss.reason}", where=where
        )


def write_harm(exercise: Exercise, harm: Harm, *, clean: bool = False) -> Path:
    """Write what was measured beside the solution, so that reports can show it.

    What more seeds have measured stays, as long as nothing that it depends on is another.

    Parameters
    ----------
    exercise : Exercise
    harm : Harm
    clean : bool, default=False
        Whether the validation that measured it found nothing wanting: then it is the exercise's proof.

    Returns
    -------
    path : Path
    """
    path = exercise.solution / HARM
    trees = plan(exercise)
    here = harm.model_copy(update={"ground": ground_of_harm(exercise, trees)})
    proof = proof_of(exercise, trees) if clean else ""
    kept = richer(here, read_harm(exercise)).model_copy(update={"proof": proof})
    write_atomically(path, kept.model_dump_json(indent=1, exclude_defaults=True) + "\n")
    return path


def richer(fresh: Harm, before: Harm) -> Harm:
    """Keep an earlier measurement of the same things over more seeds; the scales of checks that are others are new."""
    if before.ground != fresh.ground or len(before.seeds) <= len(fresh.seeds):
        return fresh
    known = {(scale.check, scale.label): scale for scale in before.scales}
    scales = tuple(known.get((scale.check, scale.label), scale) for scale in fresh.scales)
    return before.model_copy(update={"scales": scales})
