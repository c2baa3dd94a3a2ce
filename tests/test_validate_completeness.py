"""An exercise brings more than right verdicts: what it lacks, and what gives it away, is named."""

from __future__ import annotations

import venv
from collections.abc import Iterable
from pathlib import Path

import pytest

from unfit.bank import Exercise
from unfit.checks import load_checks
from unfit.planting import shipped_tree
from unfit.sandbox import Environment
from unfit.validate.attempts import attempted, count_fixes
from unfit.validate.completeness import incomplete, unused
from unfit.validate.leaks import leaks
from unfit.validate.planning import roles_of
from unfit.validate.size_budget import minutes_for, over_budget, source_lines, too_dear
from unfit.validate.validation import Problem, Seen
from unfit.validate.visible_tests import visible_tests
from validate_samples import ENVIRONMENT, spoiled

EVERYTHING = ("stand.forecast:train", "stand.forecast:score")


def lacking(exercise: Exercise, asked: tuple[str, ...] = EVERYTHING) -> list[str]:
    checks = load_checks(exercise.solution)
    seen = [Seen(tree="fixed", seed=1, verdicts={}, asked=asked)]
    return said((*incomplete(exercise, checks, roles_of(exercise, checks)), *unused(exercise, seen)))


def said(problems: Iterable[Problem]) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in problems]


def test_a_complete_exercise_lacks_nothing(tmp_path: Path) -> None:
    assert lacking(spoiled(tmp_path)) == []


def test_a_missing_guide_is_named(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.solution / "GUIDE.md").unlink()
    assert lacking(exercise) == ["GUIDE.md: is missing"]


def test_data_without_a_card_is_named(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    for folder in (exercise.project, exercise.shipped_folder):
        (folder / "data").mkdir()
        (folder / "data" / "days.csv").write_text("cups\n20\n")
    assert "project/data/README.md: is missing" in lacking(exercise)


def test_a_stale_exercise_names_the_command(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.shipped_folder / "README.md").write_text("# Another\n")
    assert lacking(exercise) == [
        "exercises/lemonade: is not what the bank plants: exercises/lemonade/README.md"
    ]


def test_a_stray_file_is_refused(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.solution / "notes.txt").write_text("to do\n")
    assert lacking(exercise) == ["solutions/lemonade/notes.txt: does not belong there"]


def test_an_entry_point_that_no_check_uses_is_named(tmp_path: Path) -> None:
    (what,) = lacking(spoiled(tmp_path), asked=("stand.forecast:train",))
    assert what == "exercise.toml: the contract names `stand.forecast:score`, which no check uses"


def test_a_decoy_proven_by_a_defect_s_check_is_refused(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path, ("decoys.toml", "days_before_last_week_do_not_count", "the_newest_day_counts")
    )
    assert "decoys.toml: decoy[odd-window]: is proven by `the_newest_day_counts`" in lacking(exercise)[0]


def test_a_defect_without_questions_is_named(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("defects.toml", 'asks_not_mended = ["What happens on a hot day?"]\n', ""))
    assert lacking(exercise) == [
        "defects.toml: defect[filled-from-the-batch]: has no questions for somebody who did not mend it"
    ]


def test_a_defect_with_one_right_fix_needs_another(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path,
        (
            "corpus/right/one_loop/expect.toml",
            '["filled-from-the-batch", "newest-day-ignored"]',
            '["newest-day-ignored"]',
        ),
    )
    assert (
        "defects.toml: defect[filled-from-the-batch]: has 1 right fix in the corpus, where 2 are needed"
        in lacking(exercise)
    )


def test_an_unused_name_that_planting_leaves_is_named(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path,
        ("defects.toml", 'planted = "recent = days[-WINDOW - 1 : -1]"', 'planted = "recent = days[-8:-1]"'),
    )
    assert any(
        "planting newest-day-ignored leaves this: unused-name `WINDOW`" in what for what in lacking(exercise)
    )


NOISY = (
    "defects.toml",
    "planted = '''\n    known = [cup",
    "planted = '''\n    print(level)\n    known = [cup",
)


def test_a_linter_s_finding_must_be_listed(tmp_path: Path) -> None:
    told = "planting `filled-from-the-batch` adds a finding of ruff that is not listed: T201"
    assert any(told in what for what in lacking(spoiled(tmp_path, NOISY)))


def test_a_listed_finding_of_a_linter_stays(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path,
        NOISY,
        ("defects.toml", "harm = ", 'linters = ["T201: the team prints"]\nharm = '),
    )
    assert not any("T201" in what for what in lacking(exercise))


def test_a_corpus_entry_attempts_the_defects_whose_lines_it_changes(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (entry,) = (item for item in exercise.corpus if item.name == "other_end")
    mended, missed = attempted(exercise, entry)
    assert not mended
    assert missed == {"filled-from-the-batch", "newest-day-ignored"}


def test_what_an_entry_says_that_it_attempts_counts(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path,
        ("corpus/wrong/other_end/expect.toml", "format = 1", 'format = 1\nattempts = ["newest-day-ignored"]'),
    )
    assert count_fixes(exercise)[1]["filled-from-the-batch"] == 1


def test_tests_data_blanks_and_comments_are_no_source_lines() -> None:
    notebook = b'{"cells": [{"cell_type": "code", "source": ["a = 1\\n", "\\n", "# why\\n", "b = 2"]}]}'
    tree = {
        "a.py": b"# why\n\nx = 1\n",
        "n.ipynb": notebook,
        "tests/t.py": b"y = 1\n",
        "data/d.py": b"z = 1\n",
    }
    assert source_lines(tree) == 3


@pytest.mark.parametrize(
    ("lines", "given"), [(0, (60, 200)), (200, (60, 200)), (201, (75, 260)), (900, (90, 340))]
)
def test_the_minutes_of_a_project_follow_from_its_length(lines: int, given: tuple[int, int]) -> None:
    assert minutes_for(lines) == given


def test_a_project_that_is_too_long_is_over_budget(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    path = exercise.project / "src/stand/__init__.py"
    path.write_text("".join(f"A{number} = {number}\n" for number in range(90)))
    (what,) = said(over_budget(exercise))
    assert "source lines, where 10 minutes allow 90" in what


def test_a_long_readme_is_over_budget(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.project / "README.md").write_text("word " * 501)
    assert said(over_budget(exercise)) == ["README.md: README.md has 501 words, where 500 are allowed"]


FIELD = ("exercise.toml", "minutes = 10", 'tier = "field"\nminutes = 120')


def of_lines(exercise: Exercise, count: int) -> Exercise:
    path = exercise.project / "src/stand/__init__.py"
    others = source_lines(shipped_tree(exercise)) - source_lines({"a.py": path.read_bytes()})
    path.write_text("".join(f"A{number} = {number}\n" for number in range(count - others)))
    return exercise


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (2499, ["exercise.toml: 2499 source lines, where the tier `field` needs 2500"]),
        (2500, []),
        (4000, []),
        (4001, ["project: 4001 source lines, where 120 minutes allow 4000"]),
    ],
)
def test_the_field_has_a_size_of_its_own(tmp_path: Path, lines: int, told: list[str]) -> None:
    assert said(over_budget(of_lines(spoiled(tmp_path, FIELD), lines))) == told


def test_the_field_takes_two_hours(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("exercise.toml", "minutes = 10", 'tier = "field"\nminutes = 119'))
    (told,) = said(over_budget(of_lines(exercise, 3000)))
    assert told == "exercise.toml: 119 minutes, where the tier `field` needs 120"


@pytest.mark.parametrize(("words", "problems"), [(800, 0), (801, 1)])
def test_a_readme_of_the_field_may_be_longer(tmp_path: Path, words: int, problems: int) -> None:
    exercise = of_lines(spoiled(tmp_path, FIELD), 2600)
    (exercise.project / "README.md").write_text("word " * words)
    assert len(said(over_budget(exercise))) == problems


@pytest.mark.parametrize(
    ("tier", "seconds", "told"),
    [
        ("first", 7.5, []),
        ("first", 80.0, ["a grade takes 80.0 s of processor, where about 5 s are meant"]),
        ("field", 25.0, []),
        ("field", 26.0, ["a grade takes 26.0 s of processor, where about 25 s are meant"]),
        ("field", 61.0, ["checks.py: a grade takes 61.0 s of processor, where 60 s are the most"]),
    ],
)
def test_a_grade_may_cost_what_its_tier_allows(
    tmp_path: Path, tier: str, seconds: float, told: list[str]
) -> None:
    exercise = spoiled(tmp_path, *([FIELD] if tier == "field" else []))
    found = [
        one if isinstance(one, str) else f"{one.where}: {one.what}" for one in too_dear(exercise, seconds)
    ]
    assert found == told


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the_newest_day_counts", "the export would give away the check in NOTES.md"),
        ("unfit-canary-0123456789ab", "the export would give away a canary of the hidden half in NOTES.md"),
        ("A day is scored alone as in a batch.", "the sentence of the check `a_day_is_scored_alone"),
        (
            "filled = [level if cup is None else cup for cup in cups]",
            "text that planting `filled-from-the-batch`",
        ),
    ],
)
def test_what_is_hidden_may_not_reach_the_candidate(tmp_path: Path, text: str, kind: str) -> None:
    exercise = spoiled(tmp_path)
    (exercise.project / "NOTES.md").write_text(f"Mind this: {text}\n")
    (what,) = said(leaks(exercise, load_checks(exercise.solution)))
    assert kind in what


def test_code_may_say_a_thing_twice(tmp_path: Path) -> None:
    line = "    filled = [level if cup is None else cup for cup in cups]\n"
    exercise = spoiled(tmp_path)
    (exercise.project / "src/stand/again.py").write_text(
        f"def again(level, cups):\n{line}    return filled\n"
    )
    assert said(leaks(exercise, load_checks(exercise.solution))) == []


def test_visible_tests_pass_on_what_is_right_and_what_is_broken(tmp_path: Path) -> None:
    assert said(visible_tests(spoiled(tmp_path), ENVIRONMENT)) == []


def test_a_visible_test_may_not_find_a_defect(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.project / "tests/test_forecast.py").write_text(
        "from stand.forecast import train\n\n\ndef test_it():\n    assert train([0.0] * 7 + [7.0]) == {'level': 1.0}\n"
    )
    (what,) = said(visible_tests(exercise, ENVIRONMENT))
    assert what.startswith("project/tests: visible tests do not pass on the form `default`")


def test_visible_tests_have_what_submissions_have_and_a_pytest_that_is_lent(tmp_path: Path) -> None:
    venv.EnvBuilder(with_pip=False, symlinks=True).create(tmp_path / "bare")
    (installed,) = (tmp_path / "bare").glob("lib/python*/site-packages")
    (installed / "only_there.py").write_text("PRICE = 3\n")
    exercise = spoiled(tmp_path)
    (exercise.project / "tests/test_forecast.py").write_text(
        "from only_there import PRICE\n\n\ndef test_it():\n    assert PRICE == 3\n"
    )
    bare = Environment(tmp_path / "bare" / "bin" / "python", "bare")
    assert said(visible_tests(exercise, bare)) == []


def test_a_project_without_tests_is_named(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.project / "tests/test_forecast.py").unlink()
    assert said(visible_tests(exercise, ENVIRONMENT)) == ["project/tests: the project has no visible tests"]
