"""Examination: every hidden check of an exercise is run against one submission."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from unfit.bank import Exercise
from unfit.case import Terms
from unfit.check_seeds import seed_of
from unfit.checks import Check, load_checks, run
from unfit.errors import Unjudged
from unfit.grades import Outcome, Verdict
from unfit.remembered_answers import Memory, RememberingWorker
from unfit.sandbox import Worker

__all__ = ["Examination", "Watcher", "examine", "unjudged"]

Watcher = Callable[[str, Verdict | None], None]
"""Told a check's name when it starts, and its verdict when it ends."""


@dataclass(frozen=True)
class Examination:
    """All verdicts of one submission, by check, with what they cost."""

    verdicts: Mapping[str, Verdict]
    processor: float = 0.0
    wall: Mapping[str, float] = field(default_factory=dict)


def examine(
    exercise: Exercise,
    worker: Worker,
    *,
    seed: int,
    checks: Sequence[Check] | None = None,
    kernel: bool = False,
    watch: Watcher | None = None,
) -> Examination:
    """Run every hidden check of an exercise against one started submission.

    Parameters
    ----------
    exercise : Exercise
    worker : Worker
        The sandbox around the submission.
    seed : int
        The grade's seed.
    checks : sequence of Check, optional
        Already loaded and in order; loaded from the exercise where not given.
    kernel : bool, default=False
        Whether notebooks run in a real kernel instead of the warm shell.
    watch : callable, optional
        Told of every check's start and end.
    """
    terms = Terms(exercise.manifest.contract, source=f"{exercise.slug}/exercise.toml")
    version = exercise.manifest.version
    shared = seed_of("", seed=seed, version=version)
    questions = RememberingWorker(lambda: worker, Memory(), only=shared)
    verdicts: dict[str, Verdict] = {}
    wall: dict[str, float] = {}
    processor = 0.0
    for item in load_checks(exercise.solution) if checks is None else checks:
        if watch:
            watch(item.name, None)
        started = time.monotonic()
        own = seed_of(item.name, seed=seed, version=version)
        questions.begin()
        try:
            verdict, spent = run(
                item, questions, terms, seed=own, shared_seed=shared, done=verdicts, kernel=kernel
            )
        except Unjudged as broken:
            verdict, spent = _unjudged(item, broken, seed=own), 0.0
        verdicts[item.name] = verdict
        wall[item.name] = round(time.monotonic() - started, 3)
        processor += spent
        if watch:
            watch(item.name, verdict)
    return Examination(verdicts, processor, wall)


def _unjudged(item: Check, broken: Unjudged, *, seed: int) -> Verdict:
    """End a check that could not cope with an answer: nothing is said about the submission."""
    return Verdict(
        check=item.name,
        sentence=item.sentence,
        outcome=Outcome.ERRORED,
        cause="the kit could not judge this answer",
        detail=broken.message,
        unjudged=True,
        seed=seed,
    )


def unjudged(seen: Iterable[Verdict]) -> tuple[str, ...]:
    """Name the checks that could not judge an answer."""
    return tuple(verdict.check for verdict in seen if verdict.unjudged)
