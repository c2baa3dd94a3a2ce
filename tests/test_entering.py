"""A corpus entry is kept from a working copy as edits, which follow the exercise when something else changes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bank_samples import rewritten
from fake_sandbox import Fake
from unfit import corpus
from unfit.bank import Exercise, load_bank
from unfit.bank.exercises import EDITS, EXPECT
from unfit.cli import app
from unfit.entering import Entered, HandWritten, begin, enter
from unfit.errors import BankError, ManifestError, UsageError
from unfit.planting import shipped_tree
from unfit.planting.patching import patched, replacements
from unfit.validate import validate
from unfit.validate.attempts import attempted
from validate_samples import ENVIRONMENT, spoiled

ROOT = Path(__file__).parents[1]
FORECAST = "src/stand/forecast.py"
CLOSED = Fake(["nothing here confines"])


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unfit.trying.find", lambda *_, **__: ENVIRONMENT)


@pytest.fixture
def stand(tmp_path: Path) -> Exercise:
    return spoiled(tmp_path)


def again(exercise: Exercise) -> Exercise:
    return load_bank(exercise.bank).exercise(exercise.slug)


def laid(exercise: Exercise, name: str = "right/whole_week") -> dict[str, bytes]:
    return corpus.lay(again(exercise), exercise.solution / "corpus" / name)


@pytest.fixture
def copy(stand: Exercise, tmp_path: Path) -> Path:
    """What candidates get, with the newest day counted again."""
    begin(HandWritten(stand, "right", "whole_week"), tmp_path / "copy")
    rewritten(tmp_path / "copy" / FORECAST, "days[-WINDOW - 1 : -1]", "list(days)[-WINDOW:]")
    return tmp_path / "copy"


def kept(exercise: Exercise, copy: Path, backend: Fake = CLOSED, **names: str) -> Entered:
    entry = HandWritten(again(exercise), names.get("kind", "right"), names.get("name", "whole_week"))
    return enter(entry, copy, backend=backend, seed=1)


def test_a_working_copy_holds_what_candidates_get(stand: Exercise, tmp_path: Path) -> None:
    begin(HandWritten(stand, "wrong", "anything"), tmp_path / "copy")
    files = {path.relative_to(tmp_path / "copy").as_posix(): path for path in (tmp_path / "copy").rglob("*")}
    assert {name: files[name].read_bytes() for name in shipped_tree(stand)} == shipped_tree(stand)


def test_what_was_changed_is_kept_as_an_edit_and_no_more(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy)
    assert {path.name for path in done.folder.iterdir()} == {EDITS, EXPECT}
    (edit,) = tomllib.loads((done.folder / EDITS).read_text())["edit"]
    assert edit == {
        "file": FORECAST,
        "was": "    recent = days[-WINDOW - 1 : -1]\n",
        "now": "    recent = list(days)[-WINDOW:]\n",
    }


def test_an_entry_of_edits_stands_for_the_working_copy(stand: Exercise, copy: Path) -> None:
    kept(stand, copy)
    assert laid(stand) == shipped_tree(stand) | {FORECAST: (copy / FORECAST).read_bytes()}


def test_an_entry_of_edits_follows_a_change_elsewhere_in_the_file(stand: Exercise, copy: Path) -> None:
    kept(stand, copy)
    rewritten(stand.project / FORECAST, "Learn the level of sales.", "Learn how much is sold.")
    (now, before) = (tree[FORECAST].decode() for tree in (laid(stand), shipped_tree(again(stand))))
    assert now == before.replace("days[-WINDOW - 1 : -1]", "list(days)[-WINDOW:]")


def test_an_edit_that_fits_no_longer_is_named_with_its_place(stand: Exercise, copy: Path) -> None:
    kept(stand, copy)
    rewritten(stand.solution / "defects.toml", "days[-WINDOW - 1 : -1]", "days[-WINDOW - 2 : -2]")
    with pytest.raises(BankError) as caught:
        laid(stand)
    assert str(caught.value).startswith(
        "solutions/lemonade/corpus/right/whole_week/edits.toml: edit 1: `was` is not in src/stand/forecast.py; "
        "line 10 comes nearest: recent = days[-WINDOW - 2 : -2]"
    )
    assert "unfit corpus lemonade right whole_week" in caught.value.fix


def test_what_fits_of_an_entry_is_laid_out_and_the_rest_is_told(
    stand: Exercise, copy: Path, tmp_path: Path
) -> None:
    rewritten(copy / FORECAST, "return [cup - level for cup in filled]", "return [c - level for c in filled]")
    kept(stand, copy)
    rewritten(stand.solution / "defects.toml", "days[-WINDOW - 1 : -1]", "days[-WINDOW - 2 : -2]")
    (misfit,) = begin(HandWritten(again(stand), "right", "whole_week"), tmp_path / "anew")
    assert "edit 1: `was` is not in src/stand/forecast.py" in misfit
    assert "[c - level for c in filled]" in (tmp_path / "anew" / FORECAST).read_text()


def test_two_edits_that_overlap_are_refused(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy)
    path = done.folder / EDITS
    path.write_text(path.read_text() + path.read_text().partition("\n\n")[2])
    with pytest.raises(BankError, match=r"edit 2: overlaps another edit in src/stand/forecast.py line 10"):
        laid(stand)


def test_a_file_that_is_edited_and_brought_whole_is_refused(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy)
    (done.folder / "src" / "stand").mkdir(parents=True)
    (done.folder / FORECAST).write_text("WINDOW = 8\n")
    with pytest.raises(BankError, match=r"changes src/stand/forecast.py, which the entry brings whole"):
        laid(stand)


def test_a_new_file_is_kept_whole_and_a_deleted_one_is_named(stand: Exercise, copy: Path) -> None:
    (copy / "src" / "stand" / "watch.py").write_text("LIMIT = 3\n")
    (copy / "tests" / "test_forecast.py").unlink()
    done = kept(stand, copy)
    assert (done.edits, done.whole, done.delete) == (1, ("src/stand/watch.py",), ("tests/test_forecast.py",))
    assert "src/stand/watch.py" in laid(stand)
    assert "tests/test_forecast.py" not in laid(stand)


def test_what_tools_and_the_project_itself_write_is_left_out(stand: Exercise, copy: Path) -> None:
    rewritten(stand.solution / "exercise.toml", "format = 1", 'format = 1\ngenerated = ["model"]')
    for name in ("model", "src/__pycache__"):
        (copy / name).mkdir()
        (copy / name / "level.pyc").touch()
    assert kept(stand, copy).whole == ()


def test_a_copy_that_changes_nothing_is_refused(stand: Exercise, tmp_path: Path) -> None:
    begin(HandWritten(stand, "right", "nothing"), tmp_path / "copy")
    with pytest.raises(UsageError, match="holds what candidates get"):
        kept(stand, tmp_path / "copy")
    assert not (stand.solution / "corpus/right/whole_week").exists()


def test_what_to_expect_is_drafted_from_what_the_checks_say(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy, Fake())
    drafted = tomllib.loads((done.folder / EXPECT).read_text())
    assert drafted["fixes"] == ["newest-day-ignored"]
    assert drafted["why"].startswith("FILL IN: ")
    assert done.told == ("mended: newest-day-ignored", "not mended: filled-from-the-batch")


def test_a_guard_that_does_not_pass_is_drafted_too(stand: Exercise, copy: Path) -> None:
    rewritten(copy / FORECAST, "for cup in filled]", "for cup in filled[1:]]")
    done = kept(stand, copy, Fake(), kind="wrong")
    drafted = tomllib.loads((done.folder / EXPECT).read_text())
    assert drafted["guards_broken"] == ["every_day_has_a_score"]


def test_where_nothing_confines_the_copy_no_check_is_asked(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy)
    assert done.told == ("no check was asked: nothing here confines",)
    assert tomllib.loads((done.folder / EXPECT).read_text())["fixes"] == []


def test_a_drafted_reason_is_a_problem_until_it_is_written(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy, Fake())
    names = [problem for problem in problems(stand) if "FILL IN" in problem or "`why`" in problem]
    assert names == [f"{stand.name_of(done.folder / EXPECT)}: `why` is still to be filled in"]
    rewritten(done.folder / EXPECT, "FILL IN: why it is right.", "A slice of a list is a slice.")
    assert list(problems(stand)) == []


def problems(exercise: Exercise) -> Iterator[str]:
    found = validate(again(exercise), backend=Fake(), environment=ENVIRONMENT, seeds=(1,), workers=1)
    yield from (f"{problem.where}: {problem.what}" for problem in found.problems)


def test_an_entry_that_is_there_keeps_its_expectation_and_hears_where_it_is_wrong(
    stand: Exercise, tmp_path: Path
) -> None:
    begin(HandWritten(stand, "right", "by_hand"), tmp_path / "copy")
    before = (stand.solution / "corpus/right/by_hand" / EXPECT).read_text()
    rewritten(tmp_path / "copy" / FORECAST, "[-7:]", "[-8:-1]")
    done = kept(stand, tmp_path / "copy", Fake(), name="by_hand")
    assert (done.drafted, (done.folder / EXPECT).read_text()) == (False, before)
    assert not (done.folder / "src").exists()
    assert done.told[-1] == (
        "expect.toml says fixes = ['filled-from-the-batch', 'newest-day-ignored'], "
        "and the checks say ['filled-from-the-batch']"
    )


def test_the_lines_that_an_edit_changes_say_which_defect_it_is_about(stand: Exercise, copy: Path) -> None:
    rewritten(copy / FORECAST, "list(days)[-WINDOW:]", "days[-WINDOW - 2 : -2]")
    done = kept(stand, copy, kind="wrong")
    (entry,) = [entry for entry in again(stand).corpus if entry.folder == done.folder]
    assert attempted(again(stand), entry)[1] == {"newest-day-ignored"}


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("rigth", "whole_week", "`rigth` is no kind of corpus entry; the nearest is `right`"),
        ("right", "../outside", "is no name for an entry"),
    ],
)
def test_a_kind_or_a_name_that_cannot_be_is_refused(stand: Exercise, kind: str, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        HandWritten(stand, kind, name)


def test_an_edit_without_a_text_is_refused(stand: Exercise, copy: Path) -> None:
    done = kept(stand, copy)
    (done.folder / EDITS).write_text(f'format = 1\n\n[[edit]]\nfile = "{FORECAST}"\nwas = "WINDOW"\n')
    with pytest.raises(ManifestError, match="needs `was` and `now`"):
        laid(stand)


@pytest.mark.parametrize("slug", ["home_offers", "churn_notebook"])
def test_edits_made_of_a_bundled_entry_stand_for_the_same_tree_byte_for_byte(slug: str) -> None:
    exercise = load_bank(ROOT).exercise(slug)
    made = 0
    for entry in exercise.corpus:
        base, tree = corpus.base_of(exercise, entry.expect), corpus.lay(exercise, entry.folder)
        edits, whole = replacements(base, tree)
        again = patched(base, edits, shown=EDITS) | {path: tree[path] for path in whole}
        assert {path: content for path, content in again.items() if path in tree} == tree
        made += len(edits)
    assert made


def test_the_command_makes_a_copy_first_and_keeps_it_then(
    stand: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unfit.sandbox.choose", lambda _: Fake())
    command = ["corpus", "lemonade", "right", "whole_week", "--bank", str(stand.bank)]
    first = CliRunner().invoke(app, command)
    assert "mend it there, then run the same command" in first.output
    copied = stand.bank / ".unfit" / "lemonade-right-whole_week"
    rewritten(copied / FORECAST, "days[-WINDOW - 1 : -1]", "list(days)[-WINDOW:]")
    second = CliRunner().invoke(app, command)
    assert "corpus/right/whole_week: 1 edit\n  mended: newest-day-ignored" in second.output
    assert "fill in `why`" in second.output
