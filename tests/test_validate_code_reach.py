"""What a function of a module reaches, and nothing else, decides its hash."""

from __future__ import annotations

import pytest

from unfit.validate import code_reach
from unfit.validate.code_reach import digests_by_reach, library_reached

MODULE = '''
"""A module."""
from pathlib import Path
from somewhere import check, one, other

LIMIT = FACTOR * 2
FACTOR = 3
LEFT, RIGHT = 1, 2
COUNT: int = 4


class Thing:
    size = COUNT


def helper(n):
    return n * LIMIT


@check
def guard(case):
    """A guard."""
    return one(helper(1))


@check(requires=("guard",))
def needs(case):
    """A check behind a guard."""
    return other()


@check
def apart(case):
    """Something else."""
    return Thing(), LEFT
'''


def moved(old: str, new: str) -> set[str]:
    """Name the functions that a change of the module reaches."""
    assert old in MODULE
    before, after = digests_by_reach(MODULE), digests_by_reach(MODULE.replace(old, new, 1))
    return {name for name, digest in after.items() if digest != before.get(name)}


@pytest.mark.parametrize(
    ("old", "new", "reached"),
    [
        ("return other()", "return other(1)", {"needs"}),
        ("return one(helper(1))", "return one(helper(2))", {"guard", "needs"}),
        ("return n * LIMIT", "return n + LIMIT", {"helper", "guard", "needs"}),
        ("FACTOR = 3", "FACTOR = 4", {"helper", "guard", "needs"}),
        ("COUNT: int = 4", "COUNT: int = 5", {"apart"}),
        ("LEFT, RIGHT = 1, 2", "LEFT, RIGHT = 2, 1", {"apart"}),
        ('"""A guard."""', '"""A guard, told otherwise."""', {"guard", "needs"}),
        ("@check\ndef apart", "@check(after=('helper',))\ndef apart", {"apart"}),
    ],
)
def test_a_change_moves_what_reaches_it(old: str, new: str, reached: set[str]) -> None:
    assert moved(old, new) == reached


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return other()", "return other()  # as before"),
        ("import check, one, other", "import check, one, other, another"),
        ("from pathlib import Path", "import os.path"),
        ("import check, one, other", "import (\n    check,\n    one,\n    other,\n)"),
    ],
)
def test_what_nobody_reaches_moves_nothing(old: str, new: str) -> None:
    assert moved(old, new) == set()


def test_an_import_under_another_name_moves_who_uses_it() -> None:
    assert moved("one, other", "third as one, other") == {"guard", "needs"}


@pytest.mark.parametrize(
    "statement",
    [
        "from everywhere import *",
        "LEFT.size = 3",
        "helper(1)",
        "if LIMIT:\n    FACTOR = 9",
        "for x in []:\n    pass",
    ],
)
def test_a_statement_that_binds_no_name_moves_everything(statement: str) -> None:
    assert moved("COUNT: int = 4", f"COUNT: int = 4\n{statement}") == {"helper", "guard", "needs", "apart"}


def test_what_such_a_statement_mentions_moves_everything() -> None:
    module = MODULE + "\nhelper(COUNT)\n"
    before, after = (digests_by_reach(text) for text in (module, module.replace("= 4", "= 5")))
    assert all(before[name] != after[name] for name in before)


USES = "from unfit.experiments import unreadable\n"


def test_an_experiment_of_the_library_is_reached_through_the_package_that_names_it() -> None:
    texts = "\n".join(library_reached(USES))
    assert ("def unreadable" in texts, "UNREADABLE" in texts) == (True, True)


def test_an_experiment_that_no_check_imports_is_not_reached() -> None:
    assert "def better_than" not in "\n".join(library_reached(USES))


def test_what_an_experiment_imports_from_a_neighbour_is_reached() -> None:
    assert "def promised" in "\n".join(library_reached("from unfit.experiments.answers import set_aside\n"))


def test_a_module_that_is_imported_whole_is_reached_whole() -> None:
    named, whole = library_reached(USES), library_reached("import unfit.experiments.spoiling\n")
    assert set(whole) > {text for text in named if "UNREADABLE" in text}


def test_checks_of_their_own_reach_nothing_of_the_library() -> None:
    assert library_reached("from unfit import Case, check\n") == []


def test_prose_of_the_library_is_not_reached() -> None:
    assert '"""' not in "".join(library_reached(USES))


def test_a_check_is_another_where_an_experiment_that_it_uses_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = USES + "def uses(case):\n    return unreadable(case)\n\n\ndef apart(case):\n    return 1\n"
    before = digests_by_reach(module)
    changed = [code_reach._Piece("def unreadable():\n    return 2", frozenset({"unreadable"}), frozenset())]
    monkeypatch.setattr(code_reach, "_library", lambda _: changed)
    after = digests_by_reach(module)
    assert [name for name in before if before[name] != after[name]] == ["uses"]
