"""Comments beside the code are findings, and their lines are those of the shipped code."""

from __future__ import annotations

import json

import pytest

from unfit.review.code_comments import comments, shipped_lines, too_many

FILE = "src/a.py"
BEFORE = b"import os\n\n\ndef f(x):\n    y = x + 1\n    return y\n\n\ndef g(x):\n    return x\n"


def where(after: bytes) -> list[str]:
    return [finding.where for finding in comments({FILE: after}, {FILE: BEFORE})]


def test_a_comment_is_a_finding_with_category_place_and_source() -> None:
    after = BEFORE.replace(
        b"    y =", b"    # REVIEW(leakage, major): off by one. It adds too much.\n    y ="
    )
    (finding,) = comments({FILE: after}, {FILE: BEFORE})
    assert (finding.title, finding.category) == ("off by one", "leakage")
    assert (finding.where, finding.source) == ("src/a.py, line 5 (`f`)", "src/a.py:5")
    assert finding.text == "REVIEW (leakage, major): off by one. It adds too much."


@pytest.mark.parametrize(
    "comment",
    [
        b"# REVIEW(skew): odd",
        b"#REVIEW[skew]: odd",
        b"# REVIEW (skew) - odd",
        b"# REVIEW(training-serving skew): odd",
    ],
)
def test_a_comment_may_be_written_in_several_ways(comment: bytes) -> None:
    (finding,) = comments({FILE: BEFORE + comment + b"\n"}, {FILE: BEFORE})
    assert (finding.title, finding.category) == ("odd", "skew")


def test_a_comment_without_a_category_counts() -> None:
    (finding,) = comments({FILE: b"# REVIEW: odd\n" + BEFORE}, {FILE: BEFORE})
    assert finding.category == ""


def test_a_comment_behind_code_is_about_its_own_line() -> None:
    assert where(BEFORE.replace(b"return y", b"return y  # REVIEW: odd")) == ["src/a.py, line 6 (`f`)"]


def test_a_comment_over_several_lines_is_one_finding() -> None:
    after = BEFORE.replace(b"    y =", b"    # REVIEW(errors): it\n    # goes on\n    y =")
    (finding,) = comments({FILE: after}, {FILE: BEFORE})
    assert finding.title == "it goes on"
    assert finding.where == "src/a.py, line 5 (`f`)"


def test_a_reason_in_a_comment_counts() -> None:
    (finding,) = comments({FILE: BEFORE + b"# REVIEW: odd. Not fixed because time was up\n"}, {FILE: BEFORE})
    assert finding.put_off == "Not fixed because time was up"


def test_lines_survive_the_candidates_own_edits() -> None:
    after = b"import os\nimport sys\n\nA = 1\n" + BEFORE[10:].replace(
        b"    return x", b"    # REVIEW: odd\n    return x"
    )
    assert where(after) == ["src/a.py, line 10 (`g`)"]


def test_a_rewritten_line_maps_to_what_it_replaced() -> None:
    after = BEFORE.replace(b"    y = x + 1\n", b"    z = x + 2\n    y = z  # REVIEW: odd\n")
    assert where(after) == ["src/a.py, line 5 (`f`)"]


def test_a_moved_file_maps_to_the_nearest_shipped_one() -> None:
    (finding,) = comments({"lib/a.py": BEFORE + b"# REVIEW: odd\n"}, {FILE: BEFORE})
    assert finding.where.startswith("src/a.py, line 10")


def notebook(*sources: str, ids: bool = True) -> bytes:
    cells = [
        {"cell_type": "code", "source": source.splitlines(keepends=True)}
        | ({"id": f"cell-{number}"} if ids else {})
        for number, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells}).encode()


@pytest.mark.parametrize("ids", [True, False])
def test_a_comment_in_a_notebook_names_the_shipped_cell(ids: bool) -> None:
    before = {"n.ipynb": notebook("import os\n", "a = 1\nb = 2\nc = 3\n")}
    after = {"n.ipynb": notebook("import os\n", "a = 1\nb = 2\n# REVIEW(leakage): odd\nc = 3\n", ids=ids)}
    (finding,) = comments(after, before)
    assert finding.where == "n.ipynb, cell `cell-1`, line 3"
    assert finding.source == "n.ipynb cell 2 line 3"


def test_a_notebook_that_is_none_is_passed_over() -> None:
    assert comments({"n.ipynb": b"{REVIEW"}, {}) == ()


def test_what_is_no_comment_of_a_review_is_passed_over() -> None:
    text = b"# REVIEW.md holds the rest\n# a review: no\nREVIEWED = 1  # done\n"
    assert comments({FILE: text}, {FILE: BEFORE}) == ()


def test_a_flood_of_comments_is_cut() -> None:
    assert len(comments({FILE: b"x = 1  # REVIEW: odd\n" * 3000}, {FILE: BEFORE})) == 200


def test_a_submission_of_nothing_but_the_word_is_read_within_bounds() -> None:
    line = b"# REVIEW REVIEW REVIEW\n"
    files = {f"src/{number}.py": line * 20_000 for number in range(1_900)}
    found = comments(files, {FILE: BEFORE})
    assert too_many(files, found) == (
        "Comments in the code were read from the first 4 MiB of files with the word REVIEW.",
    )


@pytest.mark.parametrize(
    ("after", "expected"), [(["b"], (2,)), (["x", "b"], (1, 2)), (["x"], (1,)), ([], ())]
)
def test_lines_map_back(after: list[str], expected: tuple[int, ...]) -> None:
    assert shipped_lines(["a", "b"], after) == expected
