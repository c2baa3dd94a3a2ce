"""A diagnosis is judged answer by answer, against what the world knows happened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank
from unfit.diagnosis import diagnosis_of
from unfit.errors import CheckError
from unfit.grades import Diagnosis

LEMONADE = Path(__file__).parent / "banks" / "lemonade"
WORLD = """
SHIPPED_SEED = 4
TOLERANCES = {"onset": {"full": 1, "half": 3}}


def diagnosis(*, seed):
    return {"onset": f"2025-03-{10 + seed:02d}", "segment": "site=North", "field": ["age", "marker"]}
"""


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    shutil.copytree(LEMONADE, tmp_path / "bank")
    bank = load_bank(tmp_path / "bank")
    found = bank.exercise(bank.slugs[0])
    (found.solution / "world.py").write_text(WORLD)
    return found


def judged(exercise: Exercise, text: str | bytes, *, seed: int | None = None) -> Diagnosis:
    content = text if isinstance(text, bytes) else text.encode()
    found = diagnosis_of(exercise, {"diagnosis.toml": content}, seed=seed)
    assert found is not None
    return found


def credits_of(diagnosis: Diagnosis) -> list[str]:
    return [answer.credit for answer in diagnosis.answers]


def test_each_answer_counts_by_itself(exercise: Exercise) -> None:
    said = 'onset = "2025-03-14"\nsegment = "site=South"\n'
    assert credits_of(judged(exercise, said)) == ["right", "wrong", "open"]


@pytest.mark.parametrize(
    ("day", "credit"),
    [("13", "right"), ("15", "right"), ("17", "near"), ("11", "near"), ("18", "wrong"), ("99", "wrong")],
)
def test_a_date_may_be_a_little_off(exercise: Exercise, day: str, credit: str) -> None:
    assert credits_of(judged(exercise, f'onset = "2025-03-{day}"'))[0] == credit


def test_a_date_need_not_be_quoted(exercise: Exercise) -> None:
    assert credits_of(judged(exercise, "onset = 2025-03-14"))[0] == "right"


def test_space_and_case_do_not_matter(exercise: Exercise) -> None:
    assert credits_of(judged(exercise, 'segment = " SITE = north "'))[1] == "right"


def test_one_of_several_right_answers_is_right(exercise: Exercise) -> None:
    assert credits_of(judged(exercise, 'field = "marker"'))[2] == "right"


def test_the_data_that_were_handed_out_decide(exercise: Exercise) -> None:
    assert credits_of(judged(exercise, 'onset = "2025-03-20"', seed=10))[0] == "right"


def test_other_words_are_kept_for_the_conversation(exercise: Exercise) -> None:
    assert judged(exercise, 'next = "ask the depot"\ncontain = ""').words == {"next": "ask the depot"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"onset = ", "could not be read"), (b"\xff", "could not be read"), (b"#" * 70_000, "larger than")],
    ids=["no TOML", "no text", "huge"],
)
def test_a_file_that_cannot_be_read_leaves_everything_open(
    exercise: Exercise, content: bytes, problem: str
) -> None:
    found = judged(exercise, content)
    assert problem in found.problem
    assert credits_of(found) == ["open"] * 3


def test_a_missing_file_is_said(exercise: Exercise) -> None:
    found = diagnosis_of(exercise, {})
    assert found is not None
    assert found.problem == "the submission has no diagnosis.toml"


def test_an_exercise_without_an_incident_asks_for_none(exercise: Exercise) -> None:
    (exercise.solution / "world.py").write_text("")
    assert diagnosis_of(exercise, {"diagnosis.toml": b'onset = "2025-01-01"'}) is None


def test_a_world_that_names_no_seed_is_told(exercise: Exercise) -> None:
    (exercise.solution / "world.py").write_text(WORLD.replace("SHIPPED_SEED = 4", ""))
    with pytest.raises(CheckError, match="no SHIPPED_SEED"):
        judged(exercise, "")


@pytest.mark.parametrize(
    "value", ["0x" + "f" * 6000, "[" * 60 + "1" + "]" * 60, "[0x" + "f" * 6000 + "]", "{ a = 1 }"]
)
def test_an_answer_of_any_kind_is_wrong_and_ends_nothing(exercise: Exercise, value: str) -> None:
    assert credits_of(judged(exercise, f"onset = {value}"))[0] == "wrong"
