"""Tests of `unfit.report.difference`."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from report_samples import FEATURES, FEATURES_MENDED, PLACES, Spot, notebook
from unfit.report.difference import FileDifference, compare, compare_all
from unfit.report.moved_files import moved_files


def _sides(change: FileDifference) -> list[tuple[str, str, str]]:
    return [
        (row.kind, "".join(text for text, _ in row.left), "".join(text for text, _ in row.right))
        for hunk in change.hunks
        for row in hunk.rows
    ]


def test_lines_that_say_much_the_same_stand_beside_each_other() -> None:
    found = _sides(compare("a.py", b"x = one(1)\n", b"# why\nx = two(1)\n"))
    assert found == [("added", "", "# why"), ("changed", "x = one(1)", "x = two(1)")]


def test_only_the_words_that_differ_are_marked() -> None:
    (row,) = compare("a.py", b"x = one(1)\n", b"x = two(1)\n").hunks[0].rows
    assert [text for text, differs in row.right if differs] == ["two"]


def test_an_unchanged_file_shows_its_planted_lines() -> None:
    change = compare("src/triage/features.py", FEATURES, FEATURES, PLACES["filled-from-the-request"])
    planted = [row for hunk in change.here for row in hunk.rows if row.planted]
    assert (len(planted), {row.kind for row in planted}) == (3, {"same"})
    assert change.note.startswith("The candidate did not change this file.")


def test_changes_that_touch_no_planted_line_come_second() -> None:
    change = compare("src/triage/features.py", FEATURES, FEATURES_MENDED, PLACES["filled-from-the-request"])
    assert [row.left_label for row in change.here[0].rows] == ["16", "17", "18", "19", "20", "21"]
    assert any("validate" in after for _, _, after in _sides(FileDifference("", hunks=change.rest)))


def test_without_places_every_change_is_shown() -> None:
    assert compare("a.py", FEATURES, FEATURES_MENDED).rest == ()


def test_a_notebook_is_compared_by_its_source() -> None:
    change = compare("n.ipynb", notebook("a"), notebook("b"), [Spot("n.ipynb", "cut", 1, 1)])
    assert ("changed", "threshold = a", "threshold = b") in _sides(change)
    assert not any("output" in before + after for _, before, after in _sides(change))


def test_the_planted_line_of_a_notebook_is_found_in_its_cell() -> None:
    change = compare("n.ipynb", notebook("a"), notebook("b"), [Spot("n.ipynb", "cut", 1, 1)])
    assert [row.left_label for hunk in change.here for row in hunk.rows if row.planted] == ["1"]


def test_a_file_that_the_candidate_removed_says_so() -> None:
    assert compare("a.py", b"x\n", None).note == "The candidate removed this file."


def test_a_file_that_nobody_wrote_says_so() -> None:
    assert "The candidate has no such file" in compare("a.py", None, None).note


def test_what_is_not_text_is_named_and_not_shown() -> None:
    change = compare("a.bin", b"x", b"\x00\x01")
    assert (change.hunks, change.note) == ((), "Its lines are not shown: not a text file.")


def test_a_notebook_that_is_none_is_named_and_not_shown() -> None:
    assert "not a notebook" in compare("n.ipynb", notebook("a"), b'{"cells": [' + b"[" * 100_000).note


def test_a_lone_carriage_return_is_seen() -> None:
    assert _sides(compare("a.py", b"x\n", b"evil()\rx\n"))[-1][2] == "evil()⟨U+000D⟩x"


def test_a_huge_file_is_named_and_not_compared() -> None:
    assert "too large to show (5,000,000 bytes)" in compare("a.py", b"x", b"y" * 5_000_000).note


LINES = st.lists(st.sampled_from("abc"), min_size=1, max_size=7)


@given(LINES, LINES)
def test_short_files_can_be_read_off_their_rows(before: list[str], after: list[str]) -> None:
    left, right = ([f"{one} = 1" for one in side] for side in (before, after))
    rows = _sides(compare("a.py", "\n".join(left).encode(), "\n".join(right).encode()))
    removed = [one for kind, one, _ in rows if kind in {"removed", "changed"}]
    added = [two for kind, _, two in rows if kind in {"added", "changed"}]
    assert Counter(left) - Counter(removed) == Counter(right) - Counter(added)


def test_of_many_changed_files_the_rest_is_counted() -> None:
    shipped = {f"{number}.py": b"x\n" for number in range(10)}
    changes = compare_all(shipped, {}, but={"0.py"}, most=4)
    assert ([change.file for change in changes], changes[-1].note) == (
        ["1.py", "2.py", "3.py", "4.py", "…"],
        "5 further files differ.",
    )


def test_what_a_person_changed_comes_before_what_was_added_removed_or_drawn() -> None:
    shipped = {"a.csv": b"1\n", "gone.py": b"x\n", "src/z.py": b"x\n"}
    submitted = {"a.csv": b"2\n", "new.py": b"z\n", "src/z.py": b"y\n"}
    changes = compare_all(shipped, submitted, but=(), most=9)
    assert [change.file for change in changes] == ["src/z.py", "new.py", "gone.py", "a.csv"]


def test_files_in_which_nothing_shown_differs_are_one_line_at_the_end() -> None:
    shipped = {"a.md": b"x\n", "b.md": b"y\n", "c.py": b"x\n"}
    submitted = {"a.md": b"x\r\n", "b.md": b"y\r\n", "c.py": b"z\n"}
    changes = compare_all(shipped, submitted, but=(), most=9)
    assert [change.file for change in changes] == ["c.py", "a.md, b.md"]
    assert changes[-1].note == "Only outputs, counts or line ends differ."


def test_of_a_long_change_elsewhere_only_the_beginning_is_shown() -> None:
    rows = "".join(f"{number}\n" for number in range(500)).encode()
    (change,) = compare_all({}, {"a.csv": rows}, but=(), most=9)
    assert sum(len(hunk.rows) for hunk in change.hunks) == 80
    assert change.note == "The candidate added this file. 320 further lines are not shown."


def _without_ids(content: bytes) -> bytes:
    book = json.loads(content)
    for cell in book["cells"]:
        del cell["id"]
    return json.dumps(book | {"nbformat_minor": 4}).encode()


def test_a_notebook_that_was_saved_without_ids_is_compared_by_what_its_cells_hold() -> None:
    kept = compare("n.ipynb", notebook("a"), _without_ids(notebook("a")), [Spot("n.ipynb", "cut", 1, 1)])
    assert {kind for kind, _, _ in _sides(kept)} == {"same"}
    change = compare("n.ipynb", notebook("a"), _without_ids(notebook("b")), [Spot("n.ipynb", "cut", 1, 1)])
    told = [side for side in _sides(change) if side[0] != "same"]
    assert told == [("changed", "threshold = a", "threshold = b")]


def test_a_cell_that_came_between_keeps_the_names_of_the_others() -> None:
    book = json.loads(_without_ids(notebook("a")))
    book["cells"].insert(1, {"cell_type": "code", "metadata": {}, "source": "seed = 1"})
    told = _sides(compare("n.ipynb", notebook("a"), json.dumps(book).encode()))
    assert [side for side in told if side[0] != "same"] == [
        ("added", "", "── cell 2 ──"),
        ("added", "", "seed = 1"),
    ]


def test_a_file_that_was_moved_is_told_as_moved() -> None:
    text = b"".join(b"line %d\n" % number for number in range(8))
    shipped = {"docs/desk.md": text, "src/publish.py": text + b"x = 1\n", "kept.py": b"y\n"}
    submitted = {"desk.md": text, "src/out/publish.py": text + b"x = 2\n", "kept.py": b"y\n"}
    changes = {change.file: change for change in compare_all(shipped, submitted, but=(), most=9)}
    assert {file: change.note for file, change in changes.items()} == {
        "docs/desk.md": "The candidate moved this file to desk.md, and did not change it.",
        "src/publish.py": "The candidate moved this file to src/out/publish.py.",
    }
    told = [side for side in _sides(changes["src/publish.py"]) if side[0] != "same"]
    assert told == [("changed", "x = 1", "x = 2")]


def test_files_that_have_little_in_common_are_not_moved() -> None:
    shipped = {"a.py": b"one\ntwo\nthree\n", "empty.py": b""}
    submitted = {"b.py": b"one\nfour\nfive\n", "other.py": b""}
    assert moved_files(shipped, submitted) == {}


def test_a_file_moves_to_one_place_and_rather_under_its_own_name() -> None:
    shipped = {"a/x.py": b"one\n", "b/y.py": b"one\n"}
    submitted = {"c/y.py": b"one\n", "c/x.py": b"one\n"}
    assert moved_files(shipped, submitted) == {"a/x.py": "c/x.py", "b/y.py": "c/y.py"}
