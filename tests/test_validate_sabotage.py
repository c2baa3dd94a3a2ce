"""Each way to spoil an exercise is caught, by name."""

from __future__ import annotations

import shutil
from pathlib import Path

from fake_sandbox import Fake
from unfit.validate import validate
from validate_samples import ENVIRONMENT, judged, spoiled

NEWEST = 'case.compare("change of the level", seen=after - before, limit=1.0, direction="at least", sd=0.1)'
ALONE = 'case.compare("difference of the score", seen=abs(alone[-1] - together[-1]), limit=1e-6)'
EVERY = 'case.equal("scores", len(case.call(SCORE, 20.0, days)), 5)'

WRONG = ("median_of_batch", "other_end")
UNPROVEN = 'format = 1\nunproven = ["filled-from-the-batch"]'


def test_an_exercise_that_is_right_has_no_problem(tmp_path: Path) -> None:
    assert judged(spoiled(tmp_path)).problems == []


def test_a_check_that_always_passes_is_caught(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, ("checks.py", NEWEST, 'case.confirm("all is well", holds=True)')))
    assert found.only("alone").startswith(
        "alone newest-day-ignored: `the_newest_day_counts` passes although `newest-day-ignored` is planted"
    )


def test_a_guard_that_asks_nothing_is_caught_on_the_empty_project(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, ("checks.py", EVERY, 'case.confirm("all is well", holds=True)')))
    assert "`every_day_has_a_score` passes on the empty project" in found.only("empty")


def test_a_check_that_always_fails_is_caught_on_the_fixed_project(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, ("checks.py", NEWEST, 'case.fail("never")')))
    assert "`the_newest_day_counts` fails on the fixed project" in found.problems[0].what


def test_a_flaky_check_is_caught_with_its_seed(tmp_path: Path) -> None:
    flaky = 'case.compare("draw", seen=case.seed % 2, limit=0)'
    found = judged(spoiled(tmp_path, ("checks.py", EVERY, flaky)), seeds=range(1, 6)).only("flip")
    assert "`every_day_has_a_score` flips: it" in found
    assert "under seed" in found


def test_a_check_that_catches_a_second_defect_names_both(tmp_path: Path) -> None:
    both = f"{ALONE}\n    the_newest_day_counts.experiment(case)"
    found = judged(spoiled(tmp_path, ("checks.py", ALONE, both))).only("coupling")
    assert "`a_day_is_scored_alone_as_in_a_batch` fails with only `newest-day-ignored` planted" in found
    assert "belongs to `filled-from-the-batch`" in found


def test_a_check_that_compares_with_our_own_solution_is_caught_by_the_corpus(tmp_path: Path) -> None:
    ours = (
        'rows = [sales(30, seed=case.seed + n) for n in range(8)]\n    case.equal("levels", '
        '[case.call(TRAIN, row)["level"] for row in rows], [sum(row[-7:]) / 7 for row in rows])'
    )
    found = judged(spoiled(tmp_path, ("checks.py", NEWEST, ours)))
    # Since Python 3.12 `sum` adds as exactly as `fmean` does, and adding by hand is what differs.
    other = "right/by_hand" if sum([0.1] * 10) == 1.0 else "right/one_loop"
    assert {problem.where for problem in found.problems} == {other}
    assert "rejects a correct fix" in found.only("right")


def test_a_wrong_fix_listed_as_right_is_caught(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path,
        (
            "corpus/wrong/other_end/expect.toml",
            "format = 1",
            'format = 1\nfixes = ["newest-day-ignored", "filled-from-the-batch"]',
        ),
    )
    corpus = exercise.solution / "corpus"
    shutil.move(corpus / "wrong" / "other_end", corpus / "right" / "other_end")
    found = judged(exercise)
    assert {problem.where for problem in found.problems} == {"right/other_end"}
    assert "`the_newest_day_counts` fails, though `newest-day-ignored` is mended here" in str(found.problems)


def test_a_right_fix_listed_as_wrong_is_caught(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path, ("corpus/right/by_hand/expect.toml", 'fixes = ["filled-from-the-batch", ', "fixes = [")
    )
    found = judged(exercise).only("right")
    assert "`a_day_is_scored_alone_as_in_a_batch` passes although `filled-from-the-batch` stands" in found


def test_an_overlapping_edit_is_caught_with_both_defects(tmp_path: Path) -> None:
    head = '[[defect.edit]]\nfile = "src/stand/forecast.py"\nfixed = "'
    other = f'{head}[level if"\nplanted = "[0 * level if"\n\n{head}recent'
    exercise = spoiled(tmp_path, ("defects.toml", f"{head}recent", other))
    found = validate(exercise, backend=Fake(), environment=ENVIRONMENT, seeds=(1,), workers=1)
    assert [problem.gate for problem in found.problems] == ["bank"]
    assert "defect `filled-from-the-batch`, edit 1" in found.problems[0].what
    assert "defect `newest-day-ignored`, edit 1" in found.problems[0].what


def test_a_check_that_breaks_names_itself_and_ends_nothing_else(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, ("checks.py", NEWEST, "raise KeyError(before)")))
    assert "check `the_newest_day_counts` raised KeyError" in found.problems[0].what
    assert found.table.cell("shipped", "a_day_is_scored_alone_as_in_a_batch").seen == "ff"


def test_what_breaks_a_check_everywhere_is_told_once_with_its_line(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, ("checks.py", "len(case.call(SCORE, 20.0, days))", "days['day']")))
    (problem,) = [one for one in found.problems if one.gate == "broken"]
    trees = [row.tree for row in found.table.rows]
    assert "check `every_day_has_a_score` raised TypeError: list indices must be integers" in problem.what
    assert "(checks.py:41) in 11 trees: fixed, alone filled-from-the-batch" in problem.what
    assert problem.trees == tuple(trees)


def test_what_a_submission_raises_everywhere_is_told_once_with_its_line_and_that_of_the_check(
    tmp_path: Path,
) -> None:
    exercise = spoiled(
        tmp_path, ("checks.py", "case.call(SCORE, 20.0, days)", 'case.call(SCORE, "warm", [1])')
    )
    found = judged(exercise)
    (problem,) = [one for one in found.problems if "every_day_has_a_score" in one.what]
    assert problem.gate == "fixed"
    assert "the guard `every_day_has_a_score` errors in 10 trees: stand.forecast:score: " in problem.what
    assert problem.what.endswith(", asked at checks.py:41")
    assert problem.where.endswith("all but newest-day-ignored and 5 more")


def test_a_comparison_that_is_missed_unexpectedly_is_quoted(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, ("checks.py", "limit=1.0,", "limit=99.0,"))).only("fixed")
    assert (
        "fails on the fixed project, which is right: change of the level: 10 ± 0.1 (at least 99 needed)"
        in found
    )


def test_a_guard_that_a_variant_breaks_is_caught(tmp_path: Path) -> None:
    narrow = (
        'case.compare("level", seen=case.call(TRAIN, [*days, 99.0])["level"], limit=30, direction="at least")'
    )
    found = judged(spoiled(tmp_path, ("checks.py", EVERY, narrow)))
    assert "the guard `every_day_has_a_score` fails" in found.only("guard")


def test_a_decoy_that_a_variant_breaks_is_caught(tmp_path: Path) -> None:
    exercise = spoiled(
        tmp_path, ("checks.py", "limit=1e-6)\n\n\n@check\ndef every", "limit=-1)\n\n\n@check\ndef every")
    )
    assert "the decoy `odd-window`'s check `days_before_last_week_do_not_count` fails" in judged(
        exercise
    ).only("decoy")


def test_a_check_that_only_ever_waits_is_caught(tmp_path: Path) -> None:
    waiting = '''@check(after=("the_newest_day_counts",))
def the_level_is_a_number(case: Case) -> None:
    """A level is a number."""
    case.confirm("a number", case.call(TRAIN, [1.0])["level"] > 0)


@check
def days_before'''
    exercise = spoiled(
        tmp_path,
        ("checks.py", "@check\ndef days_before", waiting),
        ("defects.toml", '["the_newest_day_counts"]', '["the_newest_day_counts", "the_level_is_a_number"]'),
    )
    assert "`the_level_is_a_number` never fails by itself" in judged(exercise).only("alone")


def test_a_declared_coupling_is_shown_apart(tmp_path: Path) -> None:
    both = f"{ALONE}\n    the_newest_day_counts.experiment(case)"
    declared = '@check(blocked_by={"the_newest_day_counts": "an old level moves every score"})\ndef a_day'
    blocked = [(f"corpus/wrong/{name}/expect.toml", "format = 1", UNPROVEN) for name in WRONG]
    edits = (("checks.py", ALONE, both), ("checks.py", "@check\ndef a_day", declared), *blocked)
    found = judged(spoiled(tmp_path, *edits))
    cell = found.table.cell("alone newest-day-ignored", "a_day_is_scored_alone_as_in_a_batch")
    assert (cell.state, cell.note) == ("coupled", "the_newest_day_counts: an old level moves every score")
    assert found.problems == []


def test_a_defect_that_stands_and_is_not_judged_is_caught_with_the_check_that_errs(tmp_path: Path) -> None:
    odd = (
        'case.call(SCORE, 20.0, ["a cup"]) if case.call(TRAIN, [*range(30)])["level"] < 25.5 else None\n    '
        + NEWEST
    )
    found = judged(spoiled(tmp_path, ("checks.py", NEWEST, odd))).only("undecided")
    assert "`newest-day-ignored` stands and comes out undecided: `the_newest_day_counts` errors" in found


def test_a_defect_that_is_called_unproven_and_is_judged_is_caught(tmp_path: Path) -> None:
    found = judged(spoiled(tmp_path, (f"corpus/wrong/{WRONG[0]}/expect.toml", "format = 1", UNPROVEN)))
    assert [str(problem).partition(",")[0] for problem in found.problems] == [
        f"wrong/{WRONG[0]}: `filled-from-the-batch` is judged under every seed"
    ]
