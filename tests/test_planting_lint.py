"""What planting leaves behind is found, and what a defect changes is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bank_samples import copied, rewritten, tea_notebook, tea_shop
from unfit.bank import Exercise
from unfit.errors import PlantingError, UsageError
from unfit.planting import added, leftovers, lint, show

DEFECTS = "solutions/tea_shop/defects.toml"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return copied(tmp_path)


# ── linters ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tree_is_linted_with_file_line_and_rule() -> None:
    (found,) = lint({"src/a.py": b"x = 1\nimport os\n"}, rules="F401")
    assert (found.file, found.line, found.rule) == ("src/a.py", 2, "F401")


def test_a_finding_in_a_notebook_names_its_cell(bank: Path) -> None:
    path = bank / "solutions/tea_notebook/defects.toml"
    rewritten(
        path,
        'planted = "rows = list(csv.DictReader(file))[1:]"',
        'planted = "rows = lst(csv.DictReader(file))"',
    )
    (found,) = added(tea_notebook(bank), ["first-row-lost"], rules="F821")
    assert (found.cell, found.line) == ("read", 4)
    assert found.place == "notebooks/tea.ipynb cell `read` line 4"


def test_what_the_fixed_project_has_too_is_not_added(bank: Path) -> None:
    path = bank / "solutions/tea_shop/project/src/tea/watch.py"
    path.write_text(f"import os\n{path.read_text('utf-8')}", "utf-8")
    assert added(tea_shop(bank), ["window-too-long"], rules="F") == ()


def test_a_projects_own_configuration_can_decide() -> None:
    tree = {"a.py": b"import os\n", "pyproject.toml": b'[tool.ruff.lint]\nselect = ["W"]\n'}
    assert lint(tree, configured=True) == ()
    assert lint(tree, rules="F401") != ()


def test_a_project_without_configuration_is_judged_by_ruffs_defaults() -> None:
    assert [found.rule for found in lint({"a.py": b"import os\n"}, configured=True)] == ["F401"]


def test_a_broken_configuration_is_named() -> None:
    tree = {"a.py": b"", "ruff.toml": b"colour = 'red'\n"}
    with pytest.raises(PlantingError, match="ruff could not look"):
        lint(tree, configured=True)


# ── leftovers ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("exercise", [tea_shop(), tea_notebook()], ids=lambda exercise: exercise.slug)
def test_the_miniature_bank_leaves_nothing_behind(exercise: Exercise) -> None:
    assert leftovers(exercise) == {}


def test_an_import_that_planting_leaves_behind_is_found(bank: Path) -> None:
    rewritten(
        bank / DEFECTS,
        "'''\n    warn(sales)\n'''\nplanted = ''",
        "'''\n    warn(sales)\n    return [_one(tea, days) for tea, days in sales.items()]\n'''\n"
        "planted = '''\n    return [_one(tea, days, len(sales)) for tea, days in sales.items()]\n'''",
    )
    rewritten(bank / DEFECTS, "fixed = '''\nfrom tea.watch import warn\n\n'''\nplanted = ''\n", "PLACE")
    rewritten(bank / DEFECTS, '[[defect.edit]]\nfile = "src/tea/forecast.py"\nPLACE', "")
    found = leftovers(tea_shop(bank))
    assert {"no-watch", "form default", "form pairs-1"} == set(found)
    assert [lint.rule for lint in found["no-watch"]] == ["F401"]


def test_a_function_that_planting_leaves_behind_is_found(bank: Path) -> None:
    rewritten(bank / DEFECTS, "    recent = days[-WINDOW - 1 : -1]", "    recent = days[-8:-1]")
    (found,) = leftovers(tea_shop(bank))["last-day-ignored"]
    assert (found.rule, found.message) == ("unused-name", "`WINDOW` is defined and not used")


# ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_showing_a_defect_gives_the_difference_from_fixed_to_planted() -> None:
    text = show(tea_shop(), "window-too-long")
    assert "--- src/tea/forecast.py (fixed)\n+++ src/tea/forecast.py (planted)\n" in text
    assert "-WINDOW = 7\n+WINDOW = 90\n" in text


def test_cells_are_shown_as_text() -> None:
    text = show(tea_notebook(), "first-row-lost")
    assert "--- notebooks/tea.ipynb [read] (fixed)" in text
    assert "+    rows = list(csv.DictReader(file))[1:]\n" in text


def test_what_is_absent_is_shown_as_removed() -> None:
    assert "+++ src/tea/watch.py (absent)" in show(tea_shop(), "no-watch")
    assert "+++ notebooks/tea.ipynb [look] (absent)" in show(tea_notebook(), "no-look")


def test_a_linters_finding_that_a_defect_adds_is_shown(bank: Path) -> None:
    rewritten(
        bank / DEFECTS, "    recent = days[-WINDOW - 1 : -1]", "    recent = eval('days[-WINDOW - 1 : -1]')"
    )
    assert "  src/tea/forecast.py:17: S307 " in show(tea_shop(bank), "last-day-ignored")


def test_without_a_finding_it_says_so() -> None:
    assert "No linter's finding is added." in show(tea_shop(), "window-too-long")


def test_an_unknown_defect_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="the nearest is `no-watch`"):
        show(tea_shop(), "no-wach")
