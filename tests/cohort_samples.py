"""Cohorts of the tea shop, graded by the fake sandbox, for tests of what lies above it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar, Self

from fake_sandbox import Fake
from unfit.bank import Exercise, load_bank
from unfit.cohort import Key, Summary, grade_cohort, key_of, read_key
from unfit.sandbox import Environment

TEA = Path(__file__).parent / "banks" / "miniature"
ENVIRONMENT = Environment(Path(sys.executable), digest="test")
FORECAST = "src/tea/forecast.py"


class Here:
    """A pool of no processes: work is done where it is submitted, since starting processes takes seconds."""

    def __init__(self, workers: int) -> None:
        del workers

    def submit(self, act: Callable[..., Any], *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(act(*args))
        return done

    _processes: ClassVar[dict[int, Any]] = {}

    def shutdown(self, *, cancel_futures: bool) -> None:
        del cancel_futures

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def tea() -> Exercise:
    return load_bank(TEA).exercise("tea_shop")


def hand_in(folder: Path, **sources: Path) -> Path:
    """Lay submissions out, a folder each."""
    for name, source in sources.items():
        shutil.copytree(source, folder / name, dirs_exist_ok=True)
    return folder


def mixed(folder: Path) -> Path:
    """Hand in one that mends everything, one that mends nothing, one that cannot run, and one that is no submission."""
    hand_in(folder, adaline=tea().project, benedict=tea().shipped_folder, cydonia=tea().shipped_folder)
    (folder / "cydonia" / FORECAST).write_text("def forecast(sales:\n")
    (folder / "deirdre.zip").write_text("no archive")
    return folder


def graded(source: Path, out: Path, **options: Any) -> Summary:
    """Grade a cohort with the fake sandbox."""
    given = {
        "backend": Fake(),
        "environment": ENVIRONMENT,
        "ledger": out.parent / "ledger",
        "key": key_of(out),
        "seed": 5,
        "workers": 1,
        **options,
    }
    return grade_cohort(given.pop("exercise", None) or tea(), source, out, **given)


def pseudonyms(out: Path) -> dict[str, str]:
    """Map submissions to pseudonyms, as the key has it."""
    return {person.submission: person.pseudonym for person in people(out).people}


def people(out: Path) -> Key:
    return read_key(key_of(out))


def record(out: Path, submission: str, name: str = "grade.json") -> dict[str, Any]:
    """Read a file of the grade of a submission."""
    found: dict[str, Any] = json.loads((out / "grades" / pseudonyms(out)[submission] / name).read_text())
    return found
