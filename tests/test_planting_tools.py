"""A planted mistake that a tool names by itself is told, unless it is marked as one that tools find."""

from __future__ import annotations

from pathlib import Path

import pytest

from bank_samples import copied, rewritten, tea_notebook
from unfit.bank import Exercise, load_bank
from unfit.planting.tools import installed, names_a_mistake, told_by_tools
from unfit.validate.tool_giveaways import giveaways, unasked
from validate_samples import spoiled

PLANTED = 'planted = "recent = days[-WINDOW - 1 : -1]"'
EVALUATED = 'planted = "recent = [eval(str(day)) for day in days[-WINDOW - 1 : -1]]"'
NAMED = 'id = "newest-day-ignored"'
FORECAST = "src/stand/forecast.py"


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(tool not in installed(), reason=f"{tool} is not installed")


def stand(folder: Path, planted: str, *more: tuple[str, str, str]) -> Exercise:
    return spoiled(folder, ("defects.toml", PLANTED, planted), *more)


def said(exercise: Exercise, monkeypatch: pytest.MonkeyPatch, *tools: str) -> list[str]:
    monkeypatch.setattr("unfit.validate.tool_giveaways.installed", lambda: tools or ("ruff",))
    return [f"{problem.where}: {problem.what}" for problem in giveaways(exercise)]


def test_a_mistake_that_no_tool_names_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(spoiled(tmp_path), monkeypatch, *installed()) == []


def test_a_mistake_that_ruff_names_is_told_with_its_rule_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (only,) = said(stand(tmp_path, EVALUATED), monkeypatch)
    assert only.startswith(f"{FORECAST}:10: a tool names `newest-day-ignored`: ruff:S307 ")


def test_a_marked_one_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = ("defects.toml", NAMED, f'{NAMED}\ntools = ["ruff:S307"]')
    assert said(stand(tmp_path, EVALUATED, mark), monkeypatch) == []


def test_a_mark_for_which_nothing_is_found_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = ("defects.toml", NAMED, f'{NAMED}\ntools = ["ruff:S307", "rough:S1", "ruff:D100"]')
    assert said(spoiled(tmp_path, mark), monkeypatch) == [
        "defects.toml: defect[newest-day-ignored].tools: ruff:S307 finds nothing there",
        "defects.toml: defect[newest-day-ignored].tools: `rough:S1` is no rule by which a tool names a mistake",
        "defects.toml: defect[newest-day-ignored].tools: `ruff:D100` is no rule by which a tool names a mistake",
    ]


def test_what_a_missing_tool_would_have_found_keeps_its_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = ("defects.toml", NAMED, f'{NAMED}\ntools = ["pylint:W0123"]')
    assert said(spoiled(tmp_path, mark), monkeypatch) == []


def test_what_the_fixed_code_has_too_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exercise = stand(tmp_path, PLANTED)
    rewritten(exercise.project / FORECAST, "WINDOW = 7\n", 'WINDOW = eval("7")\n')
    assert said(exercise, monkeypatch) == []


def test_style_size_and_missing_documents_name_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = f"planted = 'recent = days[-WINDOW - 1 : -1]  # {'so ' * 40}'"
    assert said(stand(tmp_path, longer), monkeypatch, *installed()) == []
    assert not names_a_mistake("pylint", "C0301")


def test_tools_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unfit.validate.tool_giveaways.installed", lambda: ("ruff", "ml-leakproof"))
    (sentence,) = unasked()
    assert sentence.endswith("not installed: pylint, lookahead-lint")


@needs("pylint")
def test_pylint_is_asked_about_modules(tmp_path: Path) -> None:
    told = told_by_tools(stand(tmp_path, EVALUATED), tools=["pylint"])
    assert [one.mark for one in told["newest-day-ignored"]] == ["pylint:W0123"]
    assert told["filled-from-the-batch"] == ()


@needs("pylint")
def test_pylint_is_asked_about_the_code_of_notebooks_cell_by_cell(tmp_path: Path) -> None:
    bank = copied(tmp_path)
    path = bank / "solutions/tea_notebook/defects.toml"
    rewritten(
        path,
        'planted = "rows = list(csv.DictReader(file))[1:]"',
        """planted = 'rows = eval("list(csv.DictReader(file))[1:]")'""",
    )
    (told,) = told_by_tools(tea_notebook(bank), tools=["pylint"])["first-row-lost"]
    assert (told.mark, told.lint.place) == ("pylint:W0123", "notebooks/tea.ipynb cell `read` line 4")


@pytest.mark.parametrize(
    ("tool", "mark"),
    [
        pytest.param("lookahead-lint", "lookahead-lint:LA004", marks=needs("lookahead-lint")),
        pytest.param("ml-leakproof", "ml-leakproof:P001", marks=needs("ml-leakproof")),
    ],
)
def test_linters_for_leakage_name_a_scaler_that_is_fitted_before_the_split(
    tool: str, mark: str, tmp_path: Path
) -> None:
    split = "a, b, c, d = train_test_split(x, y, random_state=1)"
    scaled = f"x = StandardScaler().fit_transform(x)\n    {split}"
    exercise = spoiled(tmp_path)
    (exercise.project / "src/stand/divide.py").write_text(
        "from sklearn.model_selection import train_test_split\n"
        "from sklearn.preprocessing import StandardScaler\n\n\n"
        f"def divided(x, y):\n    {split}\n    return StandardScaler().fit(a), b, c, d\n"
    )
    edit = f"[[defect.edit]]\nfile = 'src/stand/divide.py'\nfixed = '{split}'\nplanted = '''{scaled}'''\n"
    defects = exercise.solution / "defects.toml"
    defects.write_text(f"{defects.read_text()}\n{edit}")
    changed = load_bank(exercise.bank).exercise("lemonade")
    told = told_by_tools(changed, tools=[tool])["newest-day-ignored"]
    assert mark in [one.mark for one in told]
