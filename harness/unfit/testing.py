"""Testing: the suite with which a bank proves its exercises in its own continuous integration.

Run it in the bank's folder::

    pytest --pyargs unfit.testing

``UNFIT_BANK`` names another folder, ``UNFIT_SEEDS`` another number of fresh seeds than two, and ``UNFIT_SANDBOX``
another sandbox than bubblewrap. Answers are kept below ``UNFIT_HOME`` from one run to the next, so that only what has
changed is asked again.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from unfit.bank import Bank, load_bank
from unfit.checks import load_checks, load_incidents, load_measure
from unfit.errors import UnfitError
from unfit.planting import ensure_current
from unfit.sandbox import choose
from unfit.validate import Validation, cache_folder, validate

GATES = {
    "checks": {"broken", "fixed", "flip"},
    "variants": {"alone", "coupling", "guard", "decoy", "empty", "variant"},
    "corpus": {"right", "wrong", "forge", "sample"},
    "harm": {"harm"},
    "secrecy": {"secrecy"},
    "budget": {"budget"},
}
"""What each test of `test_gate` looks at; the last one, ``rest``, looks at everything else."""


@cache
def _bank() -> Bank:
    return load_bank(Path(os.environ.get("UNFIT_BANK", ".")))


@cache
def _validation(slug: str) -> Validation:
    return validate(
        _bank().exercise(slug),
        backend=choose(os.environ.get("UNFIT_SANDBOX", "bubblewrap")),
        seeds=int(os.environ.get("UNFIT_SEEDS", "2")),
        workers=os.cpu_count() or 1,
        cache=cache_folder(),
        fresh=True,
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a case of every exercise of the bank."""
    try:
        metafunc.parametrize("slug", _bank().slugs, scope="module")
    except UnfitError as error:
        raise pytest.UsageError(str(error)) from None


def test_manifests_load(slug: str) -> None:
    """Every manifest keeps to its format, and the hidden checks import."""
    try:
        exercise = _bank().exercise(slug)
        _ = exercise.defects, exercise.decoys, exercise.corpus
        load_checks(exercise.solution)
        load_measure(exercise.solution)
        load_incidents(exercise.solution)
    except UnfitError as error:
        pytest.fail(str(error), pytrace=False)


def test_exercises_are_planted(slug: str) -> None:
    """``exercises/`` is what ``solutions/`` plants, byte for byte."""
    try:
        ensure_current(_bank().exercise(slug))
    except UnfitError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.parametrize("gate", [*GATES, "rest"])
def test_gate(slug: str, gate: str) -> None:
    """Every variant and corpus entry is judged as expected, and nothing is wanting."""
    try:
        problems = _validation(slug).problems
    except UnfitError as error:
        pytest.fail(str(error), pytrace=False)
    named = set().union(*GATES.values())
    found = [item for item in problems if item.gate in GATES.get(gate, {item.gate} - named)]
    if found:
        pytest.fail("\n".join(map(str, found)), pytrace=False)
