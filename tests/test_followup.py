"""A follow-up sets what a candidate predicted beside what their code did, and judges neither."""

from __future__ import annotations

import resource
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stubs import Answer, Desk
from test_examination import late, right, silent
from unfit import environment, followup
from unfit.bank import Exercise, load_bank
from unfit.checks import Incident, incident, load_incidents
from unfit.cli import app
from unfit.corpus import lay
from unfit.errors import CheckError, ManifestError, SandboxError, UsageError
from unfit.followup import Followup, Plan
from unfit.grades import Grade
from unfit.judge import grade
from unfit.planting import shipped_tree, write_tree
from unfit.report import render_json
from unfit.sandbox import Bubblewrap, Environment
from unfit.submission import Submission, take

ROOT = Path(__file__).parents[1]
BANK = Path(__file__).parent / "banks" / "miniature"
ENVIRONMENT = Environment(Path(sys.executable), digest="test")
FORECAST = "tea.forecast:forecast"
INCIDENTS = """

from unfit import incident


@incident("How much assam?", "Is keemun known?")
def a_quiet_week(case):
    \"\"\"On Monday nobody buys assam,
    and keemun is new.

    The rest is for authors.\"\"\"
    rows = case.call("tea.forecast:forecast", {"assam": [0.0] * 9, "keemun": []})
    return [rows[0]["amount"], rows[1]["status"] == "ok"]


@incident("How many forecasts?")
def a_long_list(case):
    "A catalogue of 1,200 teas arrives."
    return [len(case.call("tea.forecast:forecast", {f"t{n}": [1.0] for n in range(1200)}))]


@incident("What is said?")
def nothing_at_all(case):
    "The shop is closed."
    return [None if not case.call("tea.forecast:forecast", {}) else "something"]


@incident("How much?")
def a_feast(case):
    "Everybody buys assam."
    return [case.call("tea.forecast:forecast", {"assam": [90.0] * 9})[0]["amount"]]
"""


@pytest.fixture
def tea(tmp_path: Path) -> Exercise:
    """The tea shop, with four incidents."""
    bank = tmp_path / "bank"
    shutil.copytree(BANK, bank)
    checks = bank / "solutions" / "tea_shop" / "checks.py"
    checks.write_text(checks.read_text() + INCIDENTS)
    return load_bank(bank).exercise("tea_shop")


@pytest.fixture
def taken(tea: Exercise, tmp_path: Path) -> Submission:
    return take(tea.shipped_folder, tmp_path / "clean")


@pytest.fixture
def graded(tea: Exercise, taken: Submission) -> Grade:
    return grade(tea, taken, backend=Desk({FORECAST: right}), environment=ENVIRONMENT, seed=5)


@pytest.fixture
def plan(tea: Exercise, graded: Grade, taken: Submission) -> Plan:
    known = load_incidents(tea.solution)
    return Plan(tea, graded, taken, seed=5, incidents=known)


def seen(plan: Plan, answer: Answer) -> Followup:
    return followup.carry_out(plan, {}, backend=Desk({FORECAST: answer}), environment=ENVIRONMENT)


def test_an_incident_tells_its_first_paragraph_as_one_line(tea: Exercise) -> None:
    assert load_incidents(tea.solution)[0].told == "On Monday nobody buys assam, and keemun is new."


def test_an_incident_without_a_story_is_refused() -> None:
    def quiet(case: object) -> list[int]:
        return [1 if case else 0]

    with pytest.raises(CheckError, match="`quiet` has no docstring"):
        incident("How many?")(quiet)


@pytest.mark.parametrize("questions", [(), ("How many?", "How many?")])
def test_an_incident_asks_something_and_nothing_twice(questions: tuple[str, ...]) -> None:
    def asked(case: object) -> list[int]:
        """Something happens."""
        return [1 if case else 0]

    with pytest.raises(CheckError, match="asks nothing, or one thing twice"):
        incident(*questions)(asked)


def test_an_exercise_without_incidents_has_no_follow_up(graded: Grade, taken: Submission) -> None:
    with pytest.raises(UsageError, match="tea_shop declares no incidents"):
        followup.plan(load_bank(BANK).exercise("tea_shop"), graded, taken)


def test_three_incidents_are_drawn_by_the_seed(tea: Exercise, graded: Grade, taken: Submission) -> None:
    drawn = [followup.plan(tea, graded, taken, seed=seed).incidents for seed in (1, 1, *range(2, 12))]
    assert drawn[0] == drawn[1]
    assert {len(items) for items in drawn} == {3}
    assert len({tuple(item.name for item in items) for items in drawn}) == 4


def test_the_grade_gives_the_seed(tea: Exercise, graded: Grade, taken: Submission) -> None:
    assert followup.plan(tea, graded, taken).seed == graded.seed == 5


def test_another_submission_than_the_graded_one_is_refused(
    tea: Exercise, graded: Grade, tmp_path: Path
) -> None:
    write_tree(shipped_tree(tea, ()), tmp_path / "other")
    with pytest.raises(UsageError, match="the grade is not of this submission"):
        followup.plan(tea, graded, take(tmp_path / "other", tmp_path / "copy"))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("slug", "milk_bar", "is one of milk_bar"), ("version", "0.0.1", "is of tea_shop 0.0.1")],
)
def test_a_grade_of_something_else_is_refused(  # noqa: PLR0917 - pytest fills them in by name
    tea: Exercise, graded: Grade, taken: Submission, field: str, value: str, said: str
) -> None:
    other = graded.model_copy(update={"exercise": graded.exercise.model_copy(update={field: value})})
    with pytest.raises(UsageError, match=said):
        followup.plan(tea, other, taken)


def test_outcomes_are_spelt_as_a_person_would(plan: Plan) -> None:
    answers = {row.question: row.seen for item in seen(plan, right).incidents for row in item.answers}
    assert answers == {
        "How much assam?": "0",
        "Is keemun known?": "no",
        "How many forecasts?": "1,200",
        "What is said?": "nothing",
        "How much?": "90",
    }


def test_a_fault_is_an_outcome(plan: Plan) -> None:
    first = seen(plan, silent).incidents[0]
    assert first.fault == f"{FORECAST}: ZeroDivisionError: division by zero"
    assert [row.seen for row in first.answers] == ["", ""]


def test_what_breaks_the_contract_is_an_outcome(plan: Plan) -> None:
    assert "broke the contract" in seen(plan, lambda _: "five").incidents[0].fault


def test_incidents_meet_other_seeds_than_checks(tea: Exercise, graded: Grade, taken: Submission) -> None:
    desk = Desk({FORECAST: right})
    grade(tea, taken, backend=desk, environment=ENVIRONMENT, seed=5)
    used = {call.seed for call in desk.opened[0].calls}
    followup.carry_out(followup.plan(tea, graded, taken, seed=5), {}, backend=desk, environment=ENVIRONMENT)
    assert used.isdisjoint({call.seed for call in desk.opened[1].calls})


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (lambda _: [1, 2], "asks 1 questions and answers 2"),
        (lambda _: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_a_broken_incident_is_ours(plan: Plan, happens: object, said: str) -> None:
    broken = Incident("broken", "It breaks.", ("How?",), happens)  # type: ignore[arg-type]
    with pytest.raises(CheckError, match=said):
        seen(Plan(plan.exercise, plan.grade, plan.submission, 5, (broken,)), right)


def test_without_a_sandbox_nothing_runs(plan: Plan) -> None:
    with pytest.raises(SandboxError, match="cannot confine"):
        followup.carry_out(plan, {}, backend=Desk({}, obstacles=("no bwrap",)), environment=ENVIRONMENT)


def test_a_sheet_takes_predictions_to_the_page(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "predictions.toml"
    followup.write_sheet(plan, path)
    path.write_text(path.read_text().replace('predicted = ""', 'predicted = "none <b>"', 1))
    predictions = followup.read_predictions(plan, path)
    done = followup.carry_out(plan, predictions, backend=Desk({FORECAST: right}), environment=ENVIRONMENT)
    assert done.incidents[0].answers[0].predicted == "none <b>"
    assert "none &lt;b&gt;" in followup.render_html(done)


def test_a_sheet_names_its_seed(plan: Plan, tmp_path: Path) -> None:
    followup.write_sheet(plan, tmp_path / "sheet.toml")
    assert followup.sheet_seed(tmp_path / "sheet.toml") == 5
    assert followup.sheet_seed(tmp_path / "none.toml") is None


def test_an_empty_sheet_predicts_nothing(plan: Plan, tmp_path: Path) -> None:
    followup.write_sheet(plan, tmp_path / "sheet.toml")
    with pytest.raises(UsageError, match="nothing is predicted yet"):
        followup.read_predictions(plan, tmp_path / "sheet.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed = 5", "seed = 6", "was written for seed 6"),
        ("a_quiet_week", "a_quiet_weak", "`a_quiet_weak` was not drawn"),
        ("How much assam?", "How much tea?", "does not ask: How much tea"),
    ],
)
def test_a_sheet_of_something_else_is_refused(
    plan: Plan, tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "sheet.toml"
    followup.write_sheet(plan, path)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UsageError, match=said):
        followup.read_predictions(plan, path)


def test_a_sheet_that_is_no_toml_is_named(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "sheet.toml").write_text("format = 1\nseed =\n")
    with pytest.raises(ManifestError, match=r"sheet\.toml: is not TOML"):
        followup.read_predictions(plan, tmp_path / "sheet.toml")


def test_a_person_is_asked_everything_before_anything_runs(plan: Plan) -> None:
    said: list[str] = []
    found = followup.predictions_by(plan, ask=lambda question: f" {question} ", say=said.append)
    assert [len(rows) for rows in found.values()] == [2, 1, 1, 1]
    assert said[0].endswith("On Monday nobody buys assam, and keemun is new.")


@pytest.mark.parametrize("answer", [right, late, silent])
def test_no_rendering_holds_a_score(plan: Plan, answer: Answer) -> None:
    done = seen(plan, answer)
    for text in (followup.render_html(done), followup.render_text(done)):
        shown = text.partition("<body>")[2] or text
        assert not any(word in shown for word in ("%", "total", "rank", "points", "correct"))


def test_the_record_reads_back(plan: Plan) -> None:
    done = seen(plan, silent)
    assert Followup.model_validate_json(followup.render_json(done)) == done


def test_the_terminal_says_where_no_answer_came(plan: Plan) -> None:
    assert "It came to no answer: tea.forecast:forecast: ZeroDivisionError" in followup.render_text(
        seen(plan, silent)
    )


def test_the_command_begins_the_sheet_and_then_runs(tea: Exercise, graded: Grade, tmp_path: Path) -> None:
    (tmp_path / "grade.json").write_text(render_json(graded))
    sheet, out = tmp_path / "sheet.toml", tmp_path / "out"
    words = ["followup", str(tmp_path / "grade.json"), str(tea.shipped_folder), "--answers", str(sheet)]
    words += ["--out", str(out), "--bank", str(tea.bank), "--sandbox", "unprotected"]
    begun = CliRunner().invoke(app, words)
    assert begun.exit_code == 0, begun.output
    assert not (out / "followup.html").exists()
    sheet.write_text(sheet.read_text().replace('predicted = ""', 'predicted = "42"'))
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "predicted  42" in done.output
    assert "Unprotected" in (out / "followup.html").read_text()


def test_the_command_wants_predictions_first(tea: Exercise, graded: Grade, tmp_path: Path) -> None:
    (tmp_path / "grade.json").write_text(render_json(graded))
    words = ["followup", str(tmp_path / "grade.json"), str(tea.shipped_folder), "--bank", str(tea.bank)]
    done = CliRunner().invoke(app, [*words, "--sandbox", "unprotected"])
    assert isinstance(done.exception, UsageError)
    assert "predictions come before the code runs" in str(done.exception)


BANK_OF_ALL = load_bank(ROOT)
WITH_INCIDENTS = [slug for slug in BANK_OF_ALL.slugs if load_incidents(BANK_OF_ALL.exercise(slug).solution)]
BROKEN = {"churn_notebook": "raises_in_the_first_cell"}


@pytest.mark.parametrize("slug", BANK_OF_ALL.slugs)
def test_an_exercise_has_more_incidents_than_one_follow_up_shows(slug: str) -> None:
    assert len(load_incidents(BANK_OF_ALL.exercise(slug).solution)) > 3


@pytest.mark.parametrize("slug", BANK_OF_ALL.slugs)
def test_a_candidate_is_told_what_happens_in_a_sentence(slug: str) -> None:
    for item in load_incidents(BANK_OF_ALL.exercise(slug).solution):
        assert item.told.endswith((".", "?"))


def trees(slug: str) -> dict[str, dict[str, bytes]]:
    """A right, a wrong and a broken submission of an exercise."""
    exercise = BANK_OF_ALL.exercise(slug)
    broken = exercise.solution / "corpus" / "wrong" / BROKEN.get(slug, "raises_everywhere")
    return {
        "right": shipped_tree(exercise, ()),
        "wrong": shipped_tree(exercise),
        "broken": lay(exercise, broken),
    }


@pytest.mark.slow
@pytest.mark.skipif(bool(Bubblewrap().check()), reason="needs a sandbox")
@pytest.mark.parametrize("slug", WITH_INCIDENTS)
@pytest.mark.parametrize("kind", ["right", "wrong", "broken"])
def test_every_incident_of_every_exercise_comes_to_an_outcome(slug: str, kind: str, tmp_path: Path) -> None:
    exercise = BANK_OF_ALL.exercise(slug)
    write_tree(trees(slug)[kind], tmp_path / "tree")
    submission = take(tmp_path / "tree", tmp_path / "clean")
    place = environment.find(ROOT, packages=exercise.manifest.environment.packages)
    plan = Plan(exercise, _grade_of(exercise, submission), submission, 11, load_incidents(exercise.solution))
    before = processor_seconds()
    done = followup.carry_out(plan, {}, backend=Bubblewrap(), environment=place)
    assert processor_seconds() - before < 30  # a machine may be crowded, but the work stays small
    assert len(done.incidents) >= 4
    assert all(bool(item.fault) or all(row.seen for row in item.answers) for item in done.incidents)
    assert all(item.fault for item in done.incidents) == (kind == "broken")


def processor_seconds() -> float:
    """What this process and those that ended below it took so far."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _grade_of(exercise: Exercise, submission: Submission) -> Grade:
    """A grade that says nothing, of a submission that nobody judged."""
    from report_samples import MIXED

    used = MIXED.exercise.model_copy(
        update={"slug": exercise.slug, "version": exercise.manifest.version, "title": exercise.manifest.title}
    )
    of = MIXED.submission.model_copy(update={"digest": submission.digest})
    return MIXED.model_copy(update={"exercise": used, "submission": of})
