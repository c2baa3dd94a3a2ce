"""What a clean validation saw lies beside the solution, so that another machine asks only what changed since."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fake_sandbox import Fake
from unfit.bank import Exercise, load_bank
from unfit.bank.exercises import VERDICTS
from unfit.validate import ValidationJob, plan, proven, run, validate
from unfit.validate.validation import Seen
from unfit.validate.verdict_record import write_record
from validate_samples import ENVIRONMENT, Gone, looking, spoiled

SEEDS = (11, 12)
REWORDED = ("checks.py", "Each day has one score.", "Each of the days has one score.")
WORLD = ("world.py", "20 + draw", "21 + draw")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Examine a bank once, as on the machine of its author; return the bank with what was seen."""
    folder = tmp_path_factory.mktemp("author")
    exercise = spoiled(folder)
    job, trees = ValidationJob(exercise, Fake(), ENVIRONMENT, folder / "cache"), plan(exercise)
    run(job, trees, SEEDS, workers=1)
    ledger = job.ledger()
    assert ledger
    write_record(exercise, ledger, trees, SEEDS, once=False)
    return exercise.bank


@pytest.fixture
def bank(recorded: Path, tmp_path: Path) -> Path:
    """Clone that bank, onto a machine that has seen nothing yet."""
    return Path(shutil.copytree(recorded, tmp_path / "clone"))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name the checks that are run from here on, one after another."""
    return looking(monkeypatch)


def edited(bank: Path, file: str, old: str, new: str) -> Exercise:
    path = bank / "solutions/lemonade" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return load_bank(bank).exercise("lemonade")


def again(
    exercise: Exercise, cache: Path, backend: Fake | None = None, *, believed: bool = True
) -> Sequence[Seen]:
    job = ValidationJob(exercise, backend or Fake(), ENVIRONMENT, cache, recorded=believed)
    return run(job, plan(exercise), SEEDS, workers=1)


def test_a_clone_examines_nothing(bank: Path, tmp_path: Path) -> None:
    seen = again(load_bank(bank).exercise("lemonade"), tmp_path / "cache", Gone())
    assert all(item.kept for item in seen)
    assert len(seen) > len(SEEDS)


def test_whoever_does_not_ask_for_the_record_examines_everything(bank: Path, tmp_path: Path) -> None:
    seen = again(load_bank(bank).exercise("lemonade"), tmp_path / "cache", believed=False)
    assert not any(item.kept for item in seen)


def test_a_changed_check_alone_is_asked_again(bank: Path, tmp_path: Path, looked: list[str]) -> None:
    again(edited(bank, *REWORDED), tmp_path / "cache")
    assert set(looked) == {"every_day_has_a_score"}


def test_another_world_makes_the_record_worthless(bank: Path, tmp_path: Path, looked: list[str]) -> None:
    seen = again(edited(bank, *WORLD), tmp_path / "cache")
    assert not any(item.kept for item in seen)
    assert len(set(looked)) == 4


def test_only_a_new_entry_of_the_corpus_is_examined(bank: Path, tmp_path: Path) -> None:
    corpus = bank / "solutions/lemonade/corpus/right"
    shutil.copytree(corpus / "by_hand", corpus / "by_another_hand")
    forecast = corpus / "by_another_hand/src/stand/forecast.py"
    forecast.write_text(forecast.read_text() + "# by another hand\n")
    seen = again(load_bank(bank).exercise("lemonade"), tmp_path / "cache")
    assert {item.tree for item in seen if not item.kept} == {"right/by_another_hand"}


@pytest.mark.parametrize("content", [b"", b"no record", b"\xfd7zXZ\x00\x00\x04"])
def test_a_record_that_cannot_be_read_is_none(bank: Path, tmp_path: Path, content: bytes) -> None:
    (bank / "solutions/lemonade" / VERDICTS).write_bytes(content)
    assert not any(item.kept for item in again(load_bank(bank).exercise("lemonade"), tmp_path / "cache"))


def test_a_validation_writes_the_record_and_the_next_one_takes_its_seeds(tmp_path: Path) -> None:
    facts: dict[str, Any] = {"environment": ENVIRONMENT, "workers": 1}
    exercise = spoiled(tmp_path)
    first = validate(exercise, backend=Fake(), seeds=SEEDS[:1], cache=tmp_path / "one", write=True, **facts)
    assert first.clean
    assert proven(exercise)
    assert load_bank(exercise.bank).exercise("lemonade").digest == exercise.digest
    second = validate(exercise, backend=Gone(), seeds=5, cache=tmp_path / "other", recorded=True, **facts)
    assert second.table.seeds == SEEDS[:1]
    assert second.costs.kept == second.costs.examinations > 0


def test_where_something_is_wanting_nothing_is_recorded(bank: Path, tmp_path: Path) -> None:
    exercise = edited(bank, "checks.py", "limit=1.0,", "limit=99.0,")
    kept = (exercise.solution / VERDICTS).read_bytes()
    found = validate(
        exercise,
        backend=Fake(),
        environment=ENVIRONMENT,
        seeds=1,
        workers=1,
        cache=tmp_path / "cache",
        recorded=True,
        write=True,
    )
    assert any("the_newest_day_counts" in problem.what for problem in found.problems)
    assert (exercise.solution / VERDICTS).read_bytes() == kept
    assert not proven(exercise)
