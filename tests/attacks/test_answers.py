"""One changed value in a right answer never ends a grade, whichever hidden check meets it."""

from __future__ import annotations

import functools
import os
import pickle
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from attacks.answers import STRANGE, Player, Tape, mutated, recorded
from bank_samples import tea_shop
from stubs import Answers
from unfit.assembling import assemble
from unfit.bank import Exercise, load_bank, read_tree
from unfit.brief import brief
from unfit.case import Terms, same
from unfit.check_seeds import seed_of
from unfit.checks import Check, load_checks, run
from unfit.contract_types import ContractBroken, Types
from unfit.difference_in_words import contrast
from unfit.environment import find
from unfit.errors import Unjudged
from unfit.examination import Examination, _unjudged
from unfit.grades import BackendUsed, Outcome, SubmissionUsed, Verdict
from unfit.planting import write_tree
from unfit.report import load_grade, render_reports
from unfit.sandbox import Worker, choose

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/exercise.toml"))
SECONDS = int(os.environ.get("UNFIT_FUZZ_SECONDS", "20"))
SEED = 3


@dataclass
class Play:
    """A right solution's answers to every hidden check of an exercise, and the verdicts on them."""

    exercise: Exercise
    terms: Terms
    checks: tuple[Check, ...]
    tapes: dict[str, Tape]
    verdicts: dict[str, Verdict]

    def again(self, check: Check, rng: random.Random) -> Verdict | Unjudged:
        """Ask one check once more, with one of its answers changed."""
        answers = self.tapes[check.name].names()
        worker = Player(self.tapes[check.name], rng.choice(answers), rng)
        try:
            return asked(self.exercise, check, cast("Worker", worker), self.terms, self.verdicts)
        except Unjudged as broken:
            return broken


def asked(
    exercise: Exercise, check: Check, worker: Worker, terms: Terms, done: dict[str, Verdict]
) -> Verdict:
    version = exercise.manifest.version
    own, shared = (seed_of(name, seed=SEED, version=version) for name in (check.name, ""))
    return run(check, worker, terms, seed=own, shared_seed=shared, done=done)[0]


def played(exercise: Exercise, worker: Any) -> Play:
    """Record what a worker answers to every check."""
    terms = Terms(exercise.manifest.contract, source=exercise.slug)
    checks = load_checks(exercise.solution)
    tapes: dict[str, Tape] = {}
    verdicts: dict[str, Verdict] = {}
    for check in checks:
        recorder, tapes[check.name] = recorded(worker)
        verdicts[check.name] = asked(exercise, check, cast("Worker", recorder), terms, verdicts)
    return Play(exercise, terms, checks, tapes, verdicts)


@contextmanager
def model_answer(slug: str) -> Iterator[Play]:
    exercise = load_bank(ROOT).exercise(slug)
    place = find(exercise.bank, packages=exercise.manifest.environment.packages)
    paths = exercise.manifest.contract.paths
    with tempfile.TemporaryDirectory() as holder:
        root = Path(holder, "submission")
        write_tree(read_tree(exercise.project), root)
        with choose("bubblewrap").open(root, place, paths=paths) as worker:
            play = played(exercise, worker)
    assert {verdict.outcome for verdict in play.verdicts.values()} == {Outcome.PASSED}
    yield play


def written(play: Play, seen: dict[str, Verdict]) -> None:
    """Make a grade of verdicts, with all of its reports, and read it back."""
    grade = assemble(
        play.exercise,
        cast("Any", SubmissionUsed(name="ada", digest="0", files=1, size=1)),
        Examination(seen),
        seed=SEED,
        backend=BackendUsed(name="bubblewrap", protected=True),
        environment="0",
    )
    with tempfile.TemporaryDirectory() as holder:
        path = Path(holder, "grade.json")
        path.write_text(render_reports(grade)["grade.json"], "utf-8")
        assert load_grade(path).headline == grade.headline


@contextmanager
def remembered(play: Play) -> Iterator[None]:
    """Simulate each world once: what a check draws under its seed is the same each time."""
    with pytest.MonkeyPatch.context() as patch:
        for check in play.checks:
            names = check.experiment.__globals__
            for name, value in list(names.items()):
                if callable(value) and getattr(value, "__module__", "").endswith(".world"):
                    patch.setitem(names, name, _once(value))
        yield


def _once(function: Any) -> Any:
    kept: dict[bytes, bytes] = {}

    @functools.wraps(function)
    def again(*args: Any, **kwargs: Any) -> Any:
        try:
            key = pickle.dumps((args, kwargs))
            if key not in kept:
                kept[key] = pickle.dumps(function(*args, **kwargs))
        except (pickle.PicklingError, AttributeError, TypeError):
            return function(*args, **kwargs)
        return pickle.loads(kept[key])

    return function if isinstance(function, type) else again


def fuzzed(
    play: Play, *, seconds: float, seed: int, every: float = 20.0
) -> tuple[Counter[str], list[Unjudged]]:
    """Change one answer after the other until the time is up; return how many by check, and what could not be judged.

    Each check gets the same time, so that a check of many questions does not crowd out the others, and a grade is
    written each ``every`` seconds.
    """
    rng, broken = random.Random(seed), []
    count: Counter[str] = Counter()
    checks = [check for check in play.checks if play.tapes[check.name].names()]
    spent = {check.name: 0.0 for check in checks}
    until, due = time.monotonic() + seconds, 0.0
    while (now := time.monotonic()) < until:
        check = min(checks, key=lambda check: spent[check.name])
        count[check.name] += 1
        seen = play.again(check, rng)
        if isinstance(seen, Unjudged):
            broken.append(seen)
            seen = _unjudged(check, seen, seed=SEED)
        spent[check.name] += time.monotonic() - now
        if time.monotonic() >= due:
            written(play, {**play.verdicts, check.name: seen})
            due = time.monotonic() + every
    return count, broken


def forecast(sales: dict[str, list[float]]) -> list[dict[str, Any]]:
    return [
        {"tea": tea, "amount": sum(days[-7:]) / 7 if days else None, "status": "ok" if days else "unknown"}
        for tea, days in sales.items()
    ]


@pytest.mark.filterwarnings("ignore")
def test_a_changed_answer_that_a_check_cannot_take_still_becomes_a_grade() -> None:
    play = played(tea_shop(), Answers({"tea.forecast:forecast": forecast}))
    count, broken = fuzzed(play, seconds=5, seed=SEED, every=0)
    assert count.total() > 50
    assert broken
    assert all("(checks.py:" in error.message for error in broken)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("slug", SLUGS)
def test_changed_answers_to_a_bundled_exercise_reach_a_verdict(slug: str) -> None:
    with model_answer(slug) as play, remembered(play):
        count, broken = fuzzed(play, seconds=SECONDS, seed=random.randrange(2**31))
    assert set(count) == {check.name for check in play.checks if play.tapes[check.name].names()}
    assert not broken, "\n".join(sorted({str(error) for error in broken}))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("slug", SLUGS)
def test_the_contract_takes_or_refuses_whatever_comes(slug: str) -> None:
    contract = load_bank(ROOT).exercise(slug).manifest.contract
    types = Types(contract.types, source=slug)
    expressions = sorted({entry.returns for entry in contract.entry} | set(contract.types))
    rng = random.Random(SEED)
    for _ in range(int(os.environ.get("UNFIT_FUZZ_VALUES", "2000"))):
        value: Any = rng.choice(STRANGE)
        for _ in range(rng.randrange(4)):
            value = mutated([value, {"a": value}] if rng.random() < 0.5 else {"rows": [value]}, rng)
        try:
            taken = types.accept(rng.choice(expressions), value)
        except ContractBroken as broken:
            assert len(str(broken)) < 10_000  # noqa: PT017
        else:
            assert same(taken, taken) in {True, False}
            assert brief(taken) or taken == ""


@pytest.mark.filterwarnings("ignore")
def test_any_two_values_are_compared_and_told_apart() -> None:
    for one in STRANGE:
        for other in STRANGE:
            shown, wanted = contrast(one, other, alike=same)
            assert isinstance(shown, str)
            assert wanted is None or isinstance(wanted, str)


def main() -> None:
    """Fuzz an exercise for some seconds, and print what could not be judged: ``test_answers.py SLUG SECONDS``."""
    warnings.simplefilter("ignore")
    slug, seconds = sys.argv[1], float(sys.argv[2])
    with model_answer(slug) as play, remembered(play):
        count, broken = fuzzed(play, seconds=seconds, seed=random.randrange(2**31))
    said = sorted({str(error) for error in broken})
    sys.stdout.write(
        f"{slug}: {count.total():,} changed answers, {len(broken)} not judged\n" + "\n".join(said)
    )


if __name__ == "__main__":
    main()
