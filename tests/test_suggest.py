"""`unfit suggest` lists mistakes that could be planted, and records those that an author chooses."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bank_samples import copied, rewritten, tea_shop
from fake_sandbox import Fake
from unfit.bank import Exercise, load_bank, load_standard
from unfit.checks import load_checks
from unfit.cli import app
from unfit.errors import PlantingError, UsageError
from unfit.operators import (
    Trial,
    chosen,
    filtered,
    offers,
    record_suggestions,
    render_offers,
    suggestions,
)
from unfit.operators.checking import About, drafted
from unfit.planting import plant
from unfit.validate.suggested import tried
from validate_samples import ENVIRONMENT, spoiled

RETURN = "    return [cup - level for cup in filled]\n"
BACKWARDS = """    found = {}
    for at in reversed(range(len(filled))):
        found[at] = filled[at] - level
    return [found[at] for at in range(len(filled))]
"""
ORDER = """import numpy as np

STORE, DEADLINE = "store", 0.25
SEED = 3


def order(store, rows):
    \"\"\"Order what sells.\"\"\"
    drawn = np.random.default_rng(SEED).random(3)
    rows = rows.drop_duplicates("id", keep="last")
    return store.put(rows, drawn, timeout=DEADLINE)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Exercise:
    """The tea shop, with a module in which mistakes can be made."""
    exercise = tea_shop(copied(tmp_path))
    (exercise.project / "src" / "tea" / "order.py").write_text(ORDER)
    return exercise


def again(exercise: Exercise) -> Exercise:
    return load_bank(exercise.bank).exercise(exercise.slug)


def typed(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def numbers(exercise: Exercise) -> dict[str, int]:
    return {one.operator.name: one.number for one in suggestions(exercise)}


# ── what is listed ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_suggestion_is_shown_with_rule_place_difference_and_proof(shop: Exercise) -> None:
    shown = typed("suggest", "tea_shop", "--bank", shop.bank).output
    assert "1  Something is drawn without a seed\n     same-again · src/tea/order.py:9, order\n" in shown
    assert "     -    drawn = np.random.default_rng(SEED).random(3)\n" in shown
    assert "     proof: same_again\n" in shown
    assert "     proof: comes_in_time, answered_without, normal_again\n" in shown
    assert f"record some of them: unfit suggest tea_shop --bank {shop.bank} 1 2" in shown


def test_where_the_library_has_no_experiment_the_list_says_so(shop: Exercise) -> None:
    (one, *_) = offers(shop, suggestions(shop))
    shown = render_offers([one.model_copy(update={"experiments": ()})], shop.slug)
    assert "proof: a check of your own: the library has none for this rule" in shown


def test_programs_get_the_list_as_json(shop: Exercise) -> None:
    listed = json.loads(typed("suggest", "tea_shop", "--json", "--bank", shop.bank).output)
    assert [one["number"] for one in listed] == [1, 2, 3, 4]
    assert listed[0]["rule"] == "same-again"
    assert listed[0]["experiments"] == ["same_again"]


def test_filters_keep_the_numbers(shop: Exercise) -> None:
    listed = json.loads(
        typed(
            "suggest",
            "tea_shop",
            "--rule",
            "counts-once",
            "--file",
            "order.py",
            "--json",
            "--bank",
            shop.bank,
        ).output
    )
    assert [one["number"] for one in listed] == [2, 3]


def test_what_a_linter_of_the_project_would_tell_is_said(shop: Exercise) -> None:
    (shop.project / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["S113", "NPY002"]\n')
    order = shop.project / "src" / "tea" / "order.py"
    order.write_text("import requests\n\n\ndef ask(url):\n    return requests.get(url, timeout=3)\n")
    (one,) = offers(shop, suggestions(shop))
    assert [told.partition(" ")[0] for told in one.linters] == ["S113"]


def test_a_place_that_a_defect_holds_already_is_named(shop: Exercise) -> None:
    record_suggestions(shop, chosen(suggestions(shop), [1], "tea_shop"))
    (first, *rest) = offers(again(shop), suggestions(again(shop)))
    assert first.planted_by == ("drawn-without-a-seed",)
    assert not any(one.planted_by for one in rest)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_that_is_not_in_the_list_is_refused(shop: Exercise) -> None:
    with pytest.raises(UsageError, match="there is no suggestion 9; the last is 4"):
        chosen(suggestions(shop), [1, 9], "tea_shop")


def test_two_suggestions_that_change_the_same_text_are_refused(shop: Exercise) -> None:
    with pytest.raises(UsageError, match=r"suggestions 2 and 3 overlap in src/tea/order\.py"):
        chosen(suggestions(shop), [1, 2, 3], "tea_shop")


def test_a_rule_that_the_standard_lacks_is_refused_with_the_nearest(shop: Exercise) -> None:
    with pytest.raises(UsageError, match="the nearest is `same-again`"):
        filtered(suggestions(shop), rules=["same-agian"], standard=load_standard(shop.bank))


def test_a_file_without_suggestions_is_refused(shop: Exercise) -> None:
    with pytest.raises(UsageError, match=r"nothing is suggested in watch\.py"):
        filtered(suggestions(shop), files=["watch.py"], standard=load_standard(shop.bank))


def test_a_project_in_which_nothing_is_found_is_told_so(tmp_path: Path) -> None:
    done = typed("suggest", "tea_shop", "--bank", copied(tmp_path))
    assert done.exit_code != 0
    assert isinstance(done.exception, UsageError)
    assert "no operator finds a place" in done.exception.message


def test_a_project_that_does_not_parse_is_named_with_file_and_line(shop: Exercise) -> None:
    (shop.project / "src" / "tea" / "order.py").write_text("def order(:\n    pass\n")
    with pytest.raises(
        PlantingError, match=r"solutions/tea_shop/project/src/tea/order\.py:1: does not parse"
    ):
        suggestions(shop)


def test_a_suggestion_that_overlaps_with_a_defect_is_refused_and_changes_nothing(shop: Exercise) -> None:
    record_suggestions(shop, chosen(suggestions(shop), [2], "tea_shop"))
    before = {path: path.read_text() for path in shop.solution.glob("*.*") if path.is_file()}
    with pytest.raises(PlantingError, match=r"suggestion 3: .*overlap"):
        record_suggestions(again(shop), chosen(suggestions(again(shop)), [1, 3], "tea_shop"))
    assert before == {path: path.read_text() for path in shop.solution.glob("*.*") if path.is_file()}


# ── what is recorded ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_recorded_suggestion_is_a_defect_with_every_key_and_can_be_planted(shop: Exercise) -> None:
    done = typed("suggest", "tea_shop", 1, 4, "--bank", shop.bank)
    assert done.exit_code == 0, done.output
    (*_, seed, deadline) = tomllib.loads((shop.solution / "defects.toml").read_text())["defect"]
    assert (seed["id"], seed["rule"], seed["category"]) == (
        "drawn-without-a-seed",
        "same-again",
        "reproducibility",
    )
    assert (deadline["id"], deadline["rule"], deadline["severity"]) == (
        "deadline-taken-away",
        "upstream",
        "critical",
    )
    for defect in (seed, deadline):
        assert all(defect[key] for key in ("title", "teaches", "source", "asks_mended", "asks_not_mended"))
        assert defect["harm"] == ""
    text = plant(again(shop), ["drawn-without-a-seed", "deadline-taken-away"])["src/tea/order.py"].decode()
    assert "default_rng().random(3)" in text
    assert "timeout" not in text


def test_commands_that_are_proposed_name_the_bank_that_was_named(shop: Exercise) -> None:
    done = typed("suggest", "tea_shop", 1, "--bank", shop.bank)
    assert f"unfit plant tea_shop --bank {shop.bank}, and" in " ".join(done.output.split())
    listed = typed("suggest", "tea_shop", "--bank", shop.bank)
    assert f"unfit suggest tea_shop --bank {shop.bank} " in " ".join(listed.output.split())


def test_a_suggestion_is_not_recorded_twice(shop: Exercise) -> None:
    record_suggestions(shop, chosen(suggestions(shop), [1], "tea_shop"))
    whole = (shop.solution / "defects.toml").read_text()
    with pytest.raises(PlantingError, match="suggestion 1 is recorded already: it is `drawn-without-a-seed`"):
        record_suggestions(again(shop), chosen(suggestions(again(shop)), [4, 1], "tea_shop"))
    assert (shop.solution / "defects.toml").read_text() == whole


def test_what_is_left_to_the_author_is_listed_in_order(shop: Exercise) -> None:
    (one,) = record_suggestions(shop, chosen(suggestions(shop), [4], "tea_shop"))
    heads = [what.partition(" ")[0].rstrip(":") for what in one.left]
    assert heads == ["read", "checks", "harm", "title,", "corpus/wrong", "corpus/wrong", "corpus/right"]
    assert "fill in comes_in_time" in one.left[1]
    assert "@measure function" in one.left[2]


def test_two_defects_of_one_mistake_have_names_of_their_own(shop: Exercise) -> None:
    (shop.project / "src" / "tea" / "stock.py").write_text(ORDER)
    found = [one for one in suggestions(shop) if one.operator.name == "deadline-taken-away"]
    done = record_suggestions(shop, found)
    assert [one.defect for one in done] == ["deadline-taken-away", "deadline-taken-away-in-stock"]


def test_a_check_that_cannot_be_written_is_begun_as_a_comment(shop: Exercise) -> None:
    record_suggestions(shop, chosen(suggestions(shop), [2], "tea_shop"))
    text = (shop.solution / "checks.py").read_text()
    assert "# For `first-line-kept`: fill in what `unfit.experiments.learns_the_same` is handed" in text
    assert "#     learns_the_same(case, SERVICE, usual, others, rows)" in text
    assert len(load_checks(shop.solution)) == 4


CHECKS = """
from unfit import Case, check
from unfit.experiments import Service, learns_the_same

SERVICE = Service(key="id", answer=lambda case, model, rows: [])


def _usual(case):
    return {}, [{"id": f"R-{at}"} for at in range(9)]


@check
def prices_are_learnt(case: Case) -> None:
    \"\"\"Prices.\"\"\"
    model, rows = _usual(case)
    learns_the_same(case, SERVICE, model, {"a": model}, rows)
"""


def test_a_check_is_written_where_what_it_needs_is_known() -> None:
    draft = drafted(CHECKS, ("same_again",), About("seedless"))
    assert (draft.kind, draft.name) == ("whole", "a_rerun_gives_the_same")
    assert draft.text.endswith(
        "    model, rows = _usual(case)\n    data = model\n    experiments.same_again(case, SERVICE, data, rows)\n"
    )


def test_a_check_takes_all_that_it_needs_from_one_check_where_it_can() -> None:
    more = (
        CHECKS
        + """

@check
def answers_come(case: Case) -> None:
    \"\"\"Answers.\"\"\"
    experiments.one_for_one(case, SERVICE, *_usual(case))
"""
    )
    draft = drafted(more, ("any_form",), About("by-place"))
    assert draft.text.endswith(
        "    model, rows = _usual(case)\n    experiments.any_form(case, SERVICE, model, rows)\n"
    )


def test_a_check_that_is_there_already_is_named_instead_of_a_second_one() -> None:
    there = CHECKS.replace(
        'learns_the_same(case, SERVICE, model, {"a": model}, rows)', "same_again(case, SERVICE, model, rows)"
    )
    draft = drafted(there.replace("learns_the_same", "same_again"), ("same_again",), About("seedless"))
    assert (draft.kind, draft.name, draft.text) == ("there", "prices_are_learnt", "")


def test_a_written_check_that_the_fixed_project_does_not_pass_is_begun_as_a_comment(shop: Exercise) -> None:
    (shop.solution / "checks.py").write_text(CHECKS)
    held: list[str] = []

    def refused(copy: Exercise, names: Sequence[str]) -> dict[str, str]:
        held.extend(name for name in names if name in {check.name for check in load_checks(copy.solution)})
        return {"a_rerun_gives_the_same": "errored: no column `kwh`"}

    (one,) = record_suggestions(shop, chosen(suggestions(shop), [1], "tea_shop"), refused=refused)
    assert held == ["a_rerun_gives_the_same"]
    assert one.checks == ()
    assert (
        "on the fixed project `a_rerun_gives_the_same` errored: no column `kwh`; fill in same_again"
        in one.left[1]
    )
    text = (shop.solution / "checks.py").read_text()
    assert "# For `drawn-without-a-seed`: fill in" in text
    assert "def a_rerun_gives_the_same" not in text


def test_no_check_is_written_for_a_column_that_the_rows_do_not_have() -> None:
    about = About("unknown", "unknown-outcome-as-none", 'rows.dropna(subset=["kwh"])', {"area": "float"})
    assert about.words(ast.parse(CHECKS)) is None


def test_without_an_adapter_the_comment_asks_for_one() -> None:
    assert "There is no `Service` here yet" in drafted("", ("same_again",), About("seedless")).text


# ── what is tried ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tried_suggestion_names_the_checks_and_the_tests_that_tell_it(tmp_path: Path) -> None:
    stand = spoiled(tmp_path, ("project/src/stand/forecast.py", RETURN, BACKWARDS))
    (one,) = suggestions(stand)
    trials = tried(stand, [one], backend=Fake(), environment=ENVIRONMENT, seed=1, workers=1)
    assert trials[1] == Trial(fails=("a_day_is_scored_alone_as_in_a_batch",))
    (offer,) = offers(stand, [one], trials)
    assert offer.trial == trials[1]
    (done,) = record_suggestions(stand, [one], trials=trials)
    assert done.checks == ("a_day_is_scored_alone_as_in_a_batch",)


def test_a_visible_test_that_tells_a_suggestion_is_quoted(tmp_path: Path) -> None:
    stand = spoiled(tmp_path, ("project/src/stand/forecast.py", RETURN, BACKWARDS))
    rewritten(
        stand.project / "tests" / "test_forecast.py",
        "score(2.0, [3.0]) == [1.0]",
        "score(2.0, [3.0, 2.0]) == [1.0, 0.0]",
    )
    trial = tried(stand, suggestions(stand), backend=Fake(), environment=ENVIRONMENT, seed=1, workers=1)[1]
    assert "assert [0.0, 1.0] == [1.0, 0.0]" in trial.visible


@pytest.mark.sandbox
def test_the_command_tries_in_the_sandbox_and_says_what_would_tell(tmp_path: Path) -> None:
    stand = spoiled(tmp_path, ("project/src/stand/forecast.py", RETURN, BACKWARDS))
    done = typed("suggest", "lemonade", "--try", "--workers", 1, "--bank", stand.bank)
    assert "tried: a_day_is_scored_alone_as_in_a_batch would tell" in done.output, done.output
    assert "tried: visible tests pass" in done.output
