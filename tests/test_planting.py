"""Planting turns edits into variants, and says what stands in the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bank_samples import MINIATURE, copied, rewritten, tea_notebook, tea_shop
from unfit.bank import load_bank, read_tree
from unfit.errors import PlantingError, StaleError, UsageError
from unfit.planting import Variant, ensure_current, plant, regenerate, shipped_tree, stale, write_tree
from unfit.planting.edit_places import Span, find
from unfit.planting.notebook_documents import canonical, cell_sources

DEFECTS = "solutions/tea_shop/defects.toml"
FORECAST = "src/tea/forecast.py"
NOTEBOOK = "notebooks/tea.ipynb"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return copied(tmp_path)


def complaint(bank: Path, slug: str = "tea_shop") -> str:
    exercise = load_bank(bank).exercise(slug)
    with pytest.raises(PlantingError) as caught:
        plant(exercise, exercise.default)
    return str(caught.value)


def sources(tree: dict[str, bytes]) -> dict[str, str]:
    return cell_sources(tree[NOTEBOOK], NOTEBOOK)


# ── variants ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_planting_nothing_gives_the_fixed_project() -> None:
    assert plant(tea_shop(), []) == read_tree(tea_shop().project)
    assert plant(tea_notebook(), []) == read_tree(tea_notebook().project)


def test_a_planted_defect_changes_its_text_and_no_other() -> None:
    before, after = plant(tea_shop(), [])[FORECAST], plant(tea_shop(), ["window-too-long"])[FORECAST]
    assert after == before.replace(b"WINDOW = 7", b"WINDOW = 90")


def test_two_defects_may_share_their_context() -> None:
    text = plant(tea_shop(), ["last-day-ignored", "no-watch"])[FORECAST].decode()
    assert "days[-WINDOW - 1 : -1]" in text
    assert "warn" not in text


def test_an_absent_file_is_not_there() -> None:
    assert "src/tea/watch.py" not in plant(tea_shop(), ["no-watch"])


def test_the_order_of_the_defects_does_not_matter() -> None:
    exercise = tea_shop()
    assert plant(exercise, exercise.default) == plant(exercise, reversed(exercise.default))


def test_defects_that_exclude_each_other_do_not_stand_together() -> None:
    with pytest.raises(PlantingError, match="`window-too-long` and `window-too-short` exclude each other"):
        plant(tea_shop(), ["window-too-short", "window-too-long"])


def test_an_unknown_defect_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no defect `window-to-long`; the nearest is `window-too-long`"):
        plant(tea_shop(), ["window-to-long"])


def test_places_count_lines_of_the_variant() -> None:
    exercise = tea_shop()
    (place,) = Variant.of(exercise).places["last-day-ignored"]
    line = plant(exercise, exercise.default)[FORECAST].decode().splitlines()[place.first - 1]
    assert "days[-WINDOW - 1 : -1]" in line
    assert place.first == place.last


def test_the_place_of_what_is_absent_has_no_line() -> None:
    absent, *_ = Variant.of(tea_shop(), ["no-watch"]).places["no-watch"]
    assert (absent.file, absent.first, absent.last) == ("src/tea/watch.py", 0, 0)


# ── notebooks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_of_a_notebook_changes_one_cell() -> None:
    before, after = sources(plant(tea_notebook(), [])), sources(plant(tea_notebook(), ["first-row-lost"]))
    assert "[1:]" in after.pop("read")
    assert before.pop("read")
    assert before == after


def test_an_absent_cell_is_not_there() -> None:
    assert list(sources(plant(tea_notebook(), ["no-look"]))) == ["title", "read", "price"]


def test_a_notebook_that_somebody_ran_is_planted_without_a_trace_of_it(bank: Path) -> None:
    exercise = tea_notebook(bank)
    before = plant(exercise, exercise.default)
    ran(exercise.project / NOTEBOOK)
    assert before == plant(exercise, exercise.default)


def ran(path: Path) -> None:
    """Leave in a notebook what Jupyter leaves there."""
    document = json.loads(path.read_text("utf-8"))
    document["metadata"]["kernelspec"]["display_name"] = "Python 3 (my machine)"
    document["cells"][1]["execution_count"] = 7
    document["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["3.5\n"]}]
    document["cells"][1]["metadata"] = {"collapsed": True}
    path.write_text(json.dumps(document), "utf-8")


def test_a_notebook_that_somebody_ran_is_stale_until_it_is_planted(bank: Path) -> None:
    exercise = tea_notebook(bank)
    ran(exercise.project / NOTEBOOK)
    assert stale(exercise) == [f"solutions/tea_notebook/project/{NOTEBOOK}"]
    regenerate(load_bank(bank))
    assert stale(exercise) == []


def test_tags_of_cells_stay() -> None:
    document = json.loads(plant(tea_notebook(), [])[NOTEBOOK])
    document["cells"][1]["metadata"] = {"tags": ["parameters"], "scrolled": True}
    kept = json.loads(canonical(json.dumps(document).encode(), NOTEBOOK))["cells"][1]["metadata"]
    assert kept == {"tags": ["parameters"]}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda document: document.update(nbformat_minor=4), "is nbformat 4.4"),
        (lambda document: document["cells"][0].pop("id"), "cell 1 has no id"),
        (lambda document: document["cells"][0].update(id="read"), "2 cells have the id `read`"),
        (lambda document: document["cells"][0].update(cell_type="poem"), "is no valid notebook"),
        (lambda document: document.pop("cells"), "has no cells"),
    ],
)
def test_an_unfit_notebook_is_named(spoil: Callable[[dict[str, Any]], object], words: str) -> None:
    document = json.loads(plant(tea_notebook(), [])[NOTEBOOK])
    spoil(document)
    with pytest.raises(PlantingError, match=words):
        canonical(json.dumps(document).encode(), NOTEBOOK)


def test_an_unknown_cell_is_answered_with_the_nearest(bank: Path) -> None:
    rewritten(bank / "solutions/tea_notebook/defects.toml", 'cell = "look"', 'cell = "loook"')
    assert (
        "defect `no-look`, edit 1: notebooks/tea.ipynb has no cell `loook`; the nearest is `look`"
        in complaint(bank, "tea_notebook")
    )


# ── spans ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_both_texts_share_at_either_end_is_context() -> None:
    assert find("one two three", "one two three", "one 2 three", "a.py") == Span(4, 7, "2")


def test_an_insertion_is_a_point() -> None:
    assert find("ab", "ab", "axb", "a.py") == Span(1, 1, "x")


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (Span(0, 4, "x"), Span(3, 6, "y"), True),
        (Span(0, 4, "x"), Span(4, 6, "y"), False),
        (Span(2, 2, "x"), Span(2, 2, "y"), True),
        (Span(2, 2, "x"), Span(0, 4, "y"), True),
        (Span(2, 2, "x"), Span(2, 4, "y"), False),
        (Span(4, 4, "x"), Span(2, 4, "y"), False),
    ],
)
def test_spans_clash_where_their_order_would_matter(one: Span, other: Span, clash: bool) -> None:
    assert (clash, clash) == (one.clashes(other), other.clashes(one))


def test_an_ambiguous_text_is_told_with_its_lines(bank: Path) -> None:
    rewritten(
        bank / DEFECTS,
        'fixed = "WINDOW = 7"\nplanted = "WINDOW = 90"',
        'fixed = "WINDOW"\nplanted = "SEASON"',
    )
    said = complaint(bank)
    assert (
        "defect `window-too-long`, edit 1: `fixed` matches 2 places in src/tea/forecast.py (lines 7, 17)"
        in said
    )
    assert "lengthen `fixed`" in said


def test_overlapping_matches_are_ambiguous_too() -> None:
    with pytest.raises(PlantingError, match="matches 2 places"):
        find("aaa", "aa", "b", "a.py")


def test_a_text_that_is_not_there_is_told_with_the_nearest_line(bank: Path) -> None:
    rewritten(bank / DEFECTS, "    recent = days[-WINDOW:]", "    recent = days[-WINDOW :]")
    assert "is not in src/tea/forecast.py; line 17 comes nearest: recent = days[-WINDOW:]" in complaint(bank)


def test_a_file_that_is_not_there_is_answered_with_the_nearest(bank: Path) -> None:
    rewritten(bank / DEFECTS, 'file = "src/tea/watch.py"', 'file = "src/tea/watsh.py"')
    assert "no file src/tea/watsh.py; the nearest is `src/tea/watch.py`" in complaint(bank)


def test_overlapping_defects_are_both_named(bank: Path) -> None:
    rewritten(bank / DEFECTS, 'excludes = ["window-too-short"]', "")
    said = complaint(bank)
    assert "defect `window-too-long`, edit 1, and defect `window-too-short`, edit 1, overlap" in said
    assert "src/tea/forecast.py line 7" in said
    assert "`excludes`" in said


def test_an_absent_file_clashes_with_every_edit_of_it(bank: Path) -> None:
    rewritten(bank / DEFECTS, 'file = "src/tea/watch.py"', f'file = "{FORECAST}"')
    assert "overlap in" in complaint(bank)


def test_carriage_returns_are_refused_where_an_edit_would_meet_them(bank: Path) -> None:
    path = bank / "solutions/tea_shop/project" / FORECAST
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "src/tea/forecast.py line 1 ends with a carriage return" in complaint(bank)


def test_a_binary_file_cannot_be_edited(bank: Path) -> None:
    rewritten(bank / DEFECTS, f'file = "{FORECAST}"\nfixed = "WINDOW = 7"\nplanted = "WINDOW = 90"', "FILL")
    rewritten(bank / DEFECTS, "FILL", 'file = "data/shop.png"\nfixed = "P"\nplanted = "Q"')
    assert "data/shop.png is no UTF-8 text" in complaint(bank)


# ── what is shipped ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_shipped_exercise_holds_the_manifest_and_a_review_to_fill_in() -> None:
    tree = shipped_tree(tea_shop())
    assert tree["exercise.toml"] == (tea_shop().solution / "exercise.toml").read_bytes()
    assert tree["REVIEW.md"].startswith(b"# Review\n")


def test_a_project_may_bring_its_own_review(bank: Path) -> None:
    (bank / "solutions/tea_shop/project/REVIEW.md").write_text("# Ours\n", "utf-8")
    assert shipped_tree(tea_shop(bank))["REVIEW.md"] == b"# Ours\n"


def test_another_form_can_be_shipped() -> None:
    exercise = tea_shop()
    assert b"WINDOW = 1\n" in shipped_tree(exercise, exercise.form("b").defects)[FORECAST]


@pytest.mark.parametrize("slug", ["tea_shop", "tea_notebook"])
def test_the_miniature_bank_is_fresh(slug: str) -> None:
    assert stale(load_bank(MINIATURE).exercise(slug)) == []


def test_every_kind_of_difference_is_stale(bank: Path) -> None:
    exercise = tea_shop(bank)
    (exercise.shipped_folder / "README.md").write_text("Coffee.\n", "utf-8")
    (exercise.shipped_folder / "REVIEW.md").unlink()
    (exercise.shipped_folder / "notes.txt").touch()
    assert stale(exercise) == [
        f"exercises/tea_shop/{name}" for name in ("README.md", "REVIEW.md", "notes.txt")
    ]


def test_a_stale_exercise_is_told_with_the_command_that_mends_it(bank: Path) -> None:
    exercise = tea_shop(bank)
    shutil.rmtree(exercise.shipped_folder)
    with pytest.raises(StaleError, match=r"exercises/tea_shop .* and 3 more\n  fix: run: unfit plant"):
        ensure_current(exercise)


def test_regenerating_mends_and_tells_what_was_stale(bank: Path) -> None:
    shutil.rmtree(bank / "exercises")
    changed = regenerate(load_bank(bank), ["tea_notebook"])
    assert [f"exercises/tea_notebook/{NOTEBOOK}"] == changed["tea_notebook"][-1:]
    ensure_current(tea_notebook(bank))


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_written_folder_holds_the_tree_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "old" / "deep").mkdir(parents=True)
    (tmp_path / "old" / "deep" / "file").touch()
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").touch()
    tree = {"a": b"1", "b/c": b"2"}
    write_tree(tree, tmp_path)
    assert read_tree(tmp_path) == tree
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_scripts_can_be_run_and_all_else_cannot(tmp_path: Path) -> None:
    write_tree({"run": b"#!/bin/sh\n", "data/text": b"x"}, tmp_path)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")} == {
        "run": 0o755,
        "data": 0o755,
        "text": 0o644,
    }


def test_times_tell_nothing(tmp_path: Path) -> None:
    write_tree(shipped_tree(tea_shop()), tmp_path / "tree")
    assert len({path.stat().st_mtime_ns for path in (tmp_path / "tree").rglob("*")}) == 1


def test_a_file_that_is_right_already_is_left_alone(tmp_path: Path) -> None:
    write_tree({"a": b"1"}, tmp_path)
    before = (tmp_path / "a").stat().st_ino
    write_tree({"a": b"1", "b": b"2"}, tmp_path)
    assert before == (tmp_path / "a").stat().st_ino


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/./b", ""])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(PlantingError, match="leaves the folder"):
        write_tree({path: b""}, tmp_path)


def test_a_git_repository_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(PlantingError, match="is a git repository"):
        write_tree({}, tmp_path)


def test_a_file_cannot_be_a_folder_at_once(tmp_path: Path) -> None:
    with pytest.raises(PlantingError, match="a: is a file and a folder at once"):
        write_tree({"a": b"", "a/b": b""}, tmp_path)
