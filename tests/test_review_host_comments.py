"""Comments of a pull request or a merge request are read as the same text in REVIEW.md is."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from bank_samples import tea_notebook, tea_shop
from bench_review import ROOT, labelled
from unfit.bank import load_bank
from unfit.errors import SubmissionError, UsageError
from unfit.grades import Finding
from unfit.planting import Variant, shipped_tree
from unfit.review import match, parse
from unfit.review.candidate_host_comments import exported_in, of_candidate, reviews_of
from unfit.review.host_comments import MOST_BYTES, Exported, exported, given_before, read_exported
from unfit.review.places import point

HERE = Path(__file__).parent / "hosts"
GITHUB = (HERE / "github_comments.json", HERE / "github_reviews.json")
GITLAB = (HERE / "gitlab_discussions.json",)
FILE = "src/a.py"
CODE = b"import os\n\n\ndef f(x):\n    y = x + 1\n    return y\n\n\ndef g(x):\n    return x\n"
MENDED = CODE.replace(b"import os\n", b"import os\nimport sys\n").replace(b"x + 1", b"x + 2")
TREE = {FILE: CODE}


def findings(
    found: Exported, tree: dict[str, bytes], submitted: dict[str, bytes] | None = None
) -> list[Finding]:
    told = reviews_of(of_candidate(found), tree, tree if submitted is None else submitted)
    return [finding for one in told for finding in one.findings]


def comment(line: int | None = None, **more: Any) -> dict[str, Any]:
    user = {"login": "ada", "type": "User"}
    base = {
        "id": 1,
        "user": user,
        "body": "odd",
        "path": FILE,
        "line": line,
        "side": "RIGHT",
        "diff_hunk": "",
    }
    return base | more


def note(new: int | None = None, old: int | None = None, **more: Any) -> dict[str, Any]:
    place = {"new_path": FILE, "old_path": FILE, "new_line": new, "old_line": old} | more
    return {"id": 1, "body": "odd", "author": {"username": "ada"}, "noteable_type": "x", "position": place}


def read(*entries: Any) -> Exported:
    return exported(json.dumps(entries).encode(), name="comments.json")


def where(entry: Any, after: bytes = CODE, tree: dict[str, bytes] | None = None) -> str:
    (finding,) = findings(read(entry), tree or TREE, {FILE: after})
    return finding.where


# The same review, three times


@pytest.mark.parametrize("paths", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_an_exported_review_matches_the_same_defects_as_its_text_in_a_file(paths: tuple[Path, ...]) -> None:
    exercise = tea_shop()
    variant = Variant.of(exercise)
    in_file = match(parse((HERE / "REVIEW.md").read_text("utf-8")).findings, variant)
    on_host = match(findings(read_exported(paths), variant.shipped_tree), variant)
    assert [one.defects for one in in_file] == [
        ("window-too-long",),
        ("last-day-ignored",),
        ("no-watch",),
        (),
    ]
    assert [one.defects for one in on_host if one.where] == [one.defects for one in in_file]
    assert [one.put_off for one in on_host if one.where] == [one.put_off for one in in_file]
    assert [one.category for one in on_host if one.where] == [one.category for one in in_file]


@pytest.mark.parametrize("paths", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_comments_stand_at_the_lines_that_were_handed_out(paths: tuple[Path, ...]) -> None:
    exercise = tea_shop()
    told = findings(read_exported(paths), shipped_tree(exercise, exercise.default))
    file = "src/tea/forecast.py"
    assert [one.where for one in told if one.where] == [
        f"{file}:5",
        f"{file}:14",
        f"{file}:9-10",
        f"{file}:17",
    ]


@pytest.mark.parametrize("paths", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_only_the_candidate_is_quoted_and_it_is_said_what_was_left_out(paths: tuple[Path, ...]) -> None:
    remarks = of_candidate(read_exported(paths))
    words = " ".join(one.text for one in remarks.own)
    assert ("say more" in words, "float here" in words, "Coverage" in words) == (False, False, False)
    said = " ".join(remarks.notes)
    assert "The comments are by 2 people." in said
    assert "2 comments of other people were left out" in said
    assert "1 comment of a bot was left out" in said


@pytest.mark.parametrize("paths", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_the_decision_is_quoted_from_what_is_said_on_the_whole(paths: tuple[Path, ...]) -> None:
    exercise = tea_shop()
    tree = shipped_tree(exercise, exercise.default)
    told = reviews_of(of_candidate(read_exported(paths)), tree, tree)
    (decision,) = [one.decision for one in told if one.decision]
    assert decision[0].startswith("Hold this back.")


def test_how_a_review_was_handed_in_is_a_note() -> None:
    assert (
        "On GitHub the review was handed in as: changes requested."
        in of_candidate(read_exported(GITHUB)).notes
    )


@pytest.mark.parametrize("host", ["GitHub", "GitLab"])
@pytest.mark.parametrize(
    ("slug", "path", "labels"),
    [
        pytest.param(
            *one, id=f"{one[0]}-{one[1].stem}", marks=() if one[1].stem == "terse" else pytest.mark.slow
        )
        for one in labelled()
    ],
)
def test_honest_reviews_are_matched_alike_in_a_file_and_on_a_host(
    slug: str, path: Path, labels: dict[str, Any], host: str
) -> None:
    exercise = load_bank(ROOT).exercise(slug)
    planted = labels.get("planted", exercise.default)
    variant = Variant.of(exercise, planted)
    tree = variant.shipped_tree
    written = parse(path.read_text("utf-8")).findings
    entries = [_on(host, number, one, tree) for number, one in enumerate(written, start=1)]
    told = findings(read(*entries), tree)
    wanted, found = (
        {name for one in match(each, variant) for name in one.defects} for each in (written, told)
    )
    assert found == wanted


def _on(host: str, number: int, finding: Finding, tree: dict[str, bytes]) -> dict[str, Any]:
    """Write a finding as a comment on the place that it names."""
    place = point(finding, tree)
    file = place.files[0] if len(place.files) == 1 and not place.files[0].endswith(".ipynb") else None
    first, last = place.lines[0] if file and place.lines else (None, None)
    if host == "GitHub":
        more = {} if last else {"subject_type": "file"}
        return comment(last, id=number, body=finding.text, path=file, start_line=first, **more)
    entry = note(last) | {"id": number, "body": finding.text}
    return entry | {"position": entry["position"] | {"new_path": file, "old_path": file} if file else None}


# Pages and files


def test_pages_are_read_one_after_the_other_joined_or_in_a_list() -> None:
    one, two = comment(1, id=1), comment(2, id=2)
    ways = [f"{json.dumps([one])}{json.dumps([two])}", json.dumps([one, two]), json.dumps([[one], [two]])]
    ways.append(f"{json.dumps(one)}\n{json.dumps(two)}\n")
    assert {exported(way.encode(), name="f") for way in ways} == {read(one, two)}


def test_a_file_as_windows_writes_it_is_read() -> None:
    text = json.dumps([comment(1, body="é")], ensure_ascii=False)
    assert exported(text.encode("utf-16"), name="f") == exported(b"\xef\xbb\xbf" + text.encode(), name="f")


def test_a_comment_that_is_in_two_files_is_read_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(json.dumps([comment(1)]))
    assert len(read_exported([tmp_path / "a", tmp_path / "b"]).remarks) == 1


def test_comments_that_lie_in_a_submission_are_read() -> None:
    found = exported_in({"pr-comments.json": json.dumps([comment(5)]).encode(), FILE: CODE}, TREE)
    assert [one.line for one in found.remarks] == [5]


def test_a_broken_file_in_a_submission_is_said_and_ends_nothing() -> None:
    found = exported_in({"comments.json": b"[{", FILE: CODE}, TREE)
    assert found.remarks == ()
    assert "comments.json: is not JSON" in found.complaints[0]


def test_a_file_that_was_handed_out_is_no_file_of_comments() -> None:
    assert exported_in({"reviews.json": b"[]"}, {"reviews.json": b"[]"}) == Exported()


# Lines


def test_a_line_of_the_code_as_handed_out_stays_that_line() -> None:
    hunk = "@@ -0,0 +1,10 @@\n" + "".join(f"+{line}\n" for line in CODE.decode().splitlines()[:5])
    assert where(comment(5, diff_hunk=hunk[:-1]), MENDED) == f"{FILE}:5"


def test_a_line_of_the_candidates_code_is_brought_back() -> None:
    hunk = "@@ -1,5 +1,6 @@\n import os\n+import sys\n \n \n def f(x):\n-    y = x + 1\n+    y = x + 2"
    assert where(comment(6, diff_hunk=hunk), MENDED) == f"{FILE}:5"


def test_a_line_that_the_candidate_took_away_is_the_one_that_was_handed_out() -> None:
    hunk = "@@ -1,5 +1,6 @@\n import os\n+import sys\n \n \n def f(x):\n-    y = x + 1"
    assert where(comment(5, side="LEFT", diff_hunk=hunk), MENDED) == f"{FILE}:5"


def test_a_line_that_the_exercise_took_away_points_to_what_stands_above_it() -> None:
    hunk = "@@ -4,4 +4,3 @@\n def f(x):\n     y = x + 1\n-    check(y)"
    assert where(comment(6, side="LEFT", diff_hunk=hunk)) == f"{FILE}:5"


def test_an_outdated_comment_stands_where_it_was_written() -> None:
    hunk = "@@ -3,3 +3,3 @@\n \n def f(x):\n     y = x + 1"
    assert where(comment(None, original_line=5, diff_hunk=hunk)) == f"{FILE}:5"


def test_a_comment_of_which_only_the_place_in_the_change_is_known_has_a_line() -> None:
    hunk = "@@ -3,3 +3,3 @@\n \n def f(x):\n     y = x + 1"
    assert where(comment(None, position=3, diff_hunk=hunk)) == f"{FILE}:5"


def test_a_line_that_has_moved_is_found_by_its_text() -> None:
    hunk = "@@ -40,1 +40,1 @@\n     return y"
    assert where(comment(40, diff_hunk=hunk)) == f"{FILE}:6"


def test_a_comment_on_several_lines_keeps_both_ends() -> None:
    assert where(comment(6, start_line=4)) == f"{FILE}:4-6"


def test_a_comment_on_a_whole_file_names_the_file() -> None:
    assert where(comment(None, subject_type="file", diff_hunk="@@ -0,0 +1,1 @@\n+import os")) == FILE


def test_a_line_beyond_the_file_names_the_file() -> None:
    assert where(comment(999_999)) == FILE


def test_a_file_that_the_candidate_moved_is_the_one_that_was_handed_out() -> None:
    (one,) = findings(read(comment(5, path="src/b.py")), TREE, {"src/b.py": MENDED})
    assert one.where.startswith(f"{FILE}:")


def test_a_project_in_a_folder_of_the_repository_is_known() -> None:
    assert where(comment(5, path=f"exercise/{FILE}")) == f"{FILE}:5"


def test_a_file_that_the_candidate_added_keeps_its_name() -> None:
    (one,) = findings(read(comment(1, path="src/watch.py")), TREE, {**TREE, "src/watch.py": b"x = 1\n"})
    assert one.where == "src/watch.py"


def test_a_note_on_an_unchanged_line_is_numbered_as_handed_out() -> None:
    assert where(note(new=7, old=6), MENDED) == f"{FILE}:6"


def test_a_note_on_a_line_of_the_candidates_own_is_brought_back() -> None:
    assert where(note(new=6), MENDED) == f"{FILE}:5"


def test_a_note_on_a_line_that_the_candidate_took_away_keeps_its_number() -> None:
    assert where(note(old=5), MENDED) == f"{FILE}:5"


def test_a_note_on_a_line_that_the_exercise_took_away_names_the_file() -> None:
    assert where(note(old=5)) == FILE


def test_a_line_of_a_notebook_is_one_of_a_cell() -> None:
    exercise = tea_notebook()
    tree = shipped_tree(exercise, exercise.default)
    lines = tree["notebooks/tea.ipynb"].decode().splitlines()
    number = next(n for n, text in enumerate(lines, start=1) if "DictReader" in text)
    (one,) = findings(read(comment(number, path="notebooks/tea.ipynb")), tree)
    assert one.where == "notebooks/tea.ipynb, cell `read`, line 4"


def test_a_line_of_a_notebooks_script_is_one_of_a_cell() -> None:
    exercise = tea_notebook()
    tree = shipped_tree(exercise, exercise.default)
    hunk = "@@ -0,0 +1,1 @@\n+    rows = list(csv.DictReader(file))[1:]"
    (one,) = findings(read(comment(1, path="notebooks/tea.py", diff_hunk=hunk)), tree)
    assert one.where == "notebooks/tea.ipynb, cell `read`, line 4"


# Whose words


def test_an_answer_of_ones_own_belongs_to_the_comment() -> None:
    (one,) = findings(read(comment(5), comment(5, id=2, in_reply_to_id=1, body="Not fixed: no time.")), TREE)
    assert one.text == "odd\n\nNot fixed: no time."
    assert one.put_off == "no time."


def test_an_answer_to_somebody_else_is_a_finding_only_where_it_matches() -> None:
    grace = {"login": "grace"}
    told = [comment(5, user=grace), comment(5, id=2, in_reply_to_id=1, body="Done."), comment(6, id=3)]
    told += [comment(6, id=4)]
    found = of_candidate(read(*told))
    unsure = [one.unsure for one in reviews_of(found, TREE, TREE)]
    assert unsure == [frozenset({"GitHub comment 2"}), frozenset(), frozenset()]


def test_the_account_that_is_named_is_the_candidates() -> None:
    both = read(comment(5), comment(6, id=2, user={"login": "grace"}), comment(7, id=3))
    assert [one.id for one in of_candidate(both, author="Grace").own] == ["2"]


def test_where_nobody_began_more_threads_it_is_asked_whose_review_it_is() -> None:
    with pytest.raises(SubmissionError, match="by 2 people") as caught:
        of_candidate(read(comment(5), comment(6, id=2, user={"login": "grace"})))
    assert "--author" in caught.value.fix


def test_an_account_that_wrote_nothing_is_an_error_that_names_those_who_did() -> None:
    with pytest.raises(UsageError, match="no comment is by `bob`") as caught:
        of_candidate(read(comment(5)), author="bob")
    assert "ada" in caught.value.fix


def test_an_account_that_is_gone_is_an_account() -> None:
    assert len(of_candidate(read(comment(5, user=None))).own) == 1


def test_a_suggestion_is_quoted_as_it_stands() -> None:
    body = "Left out.\n\n```suggestion\n    recent = days[-WINDOW:]\n```"
    (one,) = findings(read(comment(5, body=body)), TREE)
    assert one.text == body


def test_thanks_on_the_whole_is_no_finding_unless_it_matches() -> None:
    told = reviews_of(of_candidate(read(comment(path=None, body="Thanks for the time."))), TREE, TREE)
    assert {finding.source for one in told for finding in one.findings} <= {
        source for one in told for source in one.unsure
    }


# Hostile files


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "nothing"),
        (b"[{", "not JSON"),
        (b"<html>", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b"[[[[[[]]]]]]", "holds no comment"),
        (b"7", "holds no comment"),
        (b'[null, 1, true, "x"]', "holds no comment"),
        (b"9" * 10_000, "not JSON"),
        (b'{"message": "Not Found\\u001b[2J", "status": "404"}', r"Not Found\\x1b\[2J"),
        (b'{"data": {"repository": null}}', "holds no comment"),
        (b"[] " * 5_000, "more pages"),
        (b" " * (MOST_BYTES + 1), "MiB"),
    ],
    ids=range(13),
)
def test_what_is_no_file_of_comments_is_an_error_for_people(content: bytes, what: str) -> None:
    if what == "nothing":
        assert exported(content, name="f") == Exported()
        return
    with pytest.raises(UsageError, match=what) as caught:
        exported(content, name="comments.json")
    assert caught.value.fix


@pytest.mark.parametrize("value", [None, True, 7, -1, 1e308, 1 << 70, "x", [], [[]], {}, {"login": 7}])
@pytest.mark.parametrize(
    "key",
    [
        "id",
        "user",
        "body",
        "path",
        "line",
        "original_line",
        "side",
        "diff_hunk",
        "start_line",
        "in_reply_to_id",
    ],
)
def test_a_value_of_another_type_raises_nothing(key: str, value: Any) -> None:
    found = read(comment(5) | {key: value}, comment(4, id=2), comment(3, id=3))
    findings(found, TREE)


@pytest.mark.parametrize("value", [None, True, 7, "x", [], {}, {"start": 7}, {"start": {"new_line": "x"}}])
@pytest.mark.parametrize("key", ["new_path", "old_path", "new_line", "old_line", "line_range"])
def test_a_position_of_another_type_raises_nothing(key: str, value: Any) -> None:
    strange = note(5, 5)
    findings(read(strange | {"position": strange["position"] | {key: value}}), TREE)


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "/etc/passwd", "src/../a.py", "C:\\x.py", "a\x1b[2J.py", "\u202ea.py", "x" * 9_999],
    ids=range(7),
)
def test_a_path_outside_is_no_place(path: str) -> None:
    place = where(comment(5, path=path))
    assert place in {"", "x" * 400}


def test_a_path_outside_is_told() -> None:
    notes = of_candidate(read(comment(5, path="../x.py"))).notes
    assert notes == ("1 comment named no path of a project, and was read without a place.",)


@pytest.mark.parametrize(
    "hunk",
    ["@@", "@@ -1 +1 @@", "@@ -1,1 +1,1 @@\n" * 50_000, "@@ -9999999,1 +9999999,1 @@\n+x", "\n" * 60_000],
    ids=range(5),
)
def test_a_strange_change_raises_nothing(hunk: str) -> None:
    assert where(comment(5, diff_hunk=hunk)).startswith(FILE)


def test_half_a_letter_is_replaced() -> None:
    (one,) = read(comment(5, body="odd \ud800 \0")).remarks
    assert one.text.encode() == b"odd ? "


def test_a_crowd_of_comments_is_bounded_and_told() -> None:
    crowd = read(*(comment(1, id=number + 1) for number in range(1_500)))
    assert len(crowd.remarks) == 1_000
    assert "only the first 1,000" in crowd.complaints[0]
    assert len(findings(crowd, TREE)) == 200


def test_a_file_takes_a_bounded_amount_of_memory() -> None:
    content = b"[" + b"{}," * 100_000 + b"{}]"
    tracemalloc.start()
    with pytest.raises(UsageError):
        exported(content, name="f")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * len(content)


def test_a_record_of_comments_that_was_changed_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "comments.json").write_text("[]")
    with pytest.raises(UsageError, match="is not what"):
        given_before(tmp_path)
