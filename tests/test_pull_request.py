"""A pull request is the project's last change: every mistake comes with it, and nothing that it leaves is one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.errors import BankError, ManifestError, UsageError
from unfit.export import branched, entries, export, handed_out, read_receipt
from unfit.export.contents import CandidateTerms, contents, drawn
from unfit.invite import invite
from unfit.planting import plant, regenerate, write_tree
from unfit.receiving import receive
from unfit.review.comment_places import place_of
from unfit.review.host_comments import exported
from unfit.validate import changed_lines, leaks_of_history, unfit_pull_request

BANKS = Path(__file__).parent / "banks"
ROOT = Path(__file__).parents[1]
REAL = load_bank(ROOT)
SLUGS = [slug for slug in REAL.slugs if REAL.exercise(slug).has_pull_request]
HISTORY = """
format = 1

[people]
ada = "Ada Lind <ada@clinic.example>"
bo = "Bo Ek <bo@clinic.example>"

[[commit]]
by = "ada"
at = 2024-03-04T09:10:00+01:00
message = "Ranks of the waiting list"
parts = { "src/clinic/serve.py" = ["rank"] }

[[commit]]
by = "bo"
at = 2024-03-05T14:00:00+01:00
message = "In use from today"
files = ["README.md", "src"]

[[commit]]
by = "bo"
at = 2024-03-06T14:00:00+01:00
message = "The rest"
files = ["."]

[pull_request]
branch = "ada/answer-the-desk"
by = "ada"
title = "Answer the desk, record by record"
body = '''
The desk asks for one patient at a time.

## How I tested it

By hand, with last week's list.
'''
story = "Ada wants to answer the desk from next week on."
without = ["In use from today"]

[pull_request.before]
"src/clinic/serve.py" = '''
\"""Serve: the waiting list.\"""


def rank(records):
    \"""Order records by age.\"""
    return sorted(records, key=lambda record: record["age"], reverse=True)
'''

[[pull_request.commit]]
by = "ada"
at = 2024-03-11T10:00:00+01:00
message = "A figure for the board"
parts = { "src/clinic/evaluate.py" = ["evaluate"] }

[[pull_request.commit]]
by = "ada"
at = 2024-03-12T10:00:00+01:00
message = "Answers for the desk"
files = ["src/clinic/serve.py", "src/clinic/watch.py", "notebooks"]
"""


@pytest.fixture
def clinic(tmp_path: Path) -> Exercise:
    """An exercise that can be handed out as a pull request, of a bank that a test may change."""
    shutil.copytree(BANKS / "reviewed", tmp_path / "bank")
    regenerate(load_bank(tmp_path / "bank"))
    return told(load_bank(tmp_path / "bank").exercise("clinic"), HISTORY)


def told(exercise: Exercise, text: str) -> Exercise:
    """Give an exercise a history, and read it anew."""
    (exercise.solution / "history.toml").write_text(text)
    return load_bank(exercise.bank).exercise(exercise.slug)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def ada(clinic: Exercise, ledger: Path, tmp_path: Path) -> Path:
    """A pull request that was handed out."""
    export(clinic, tmp_path / "ada", ledger=ledger, candidate="Ada", pull_request=True)
    return tmp_path / "ada"


# ── what main and the branch hold ────────────────────────────────────────────────────────────────────────────────────


def test_main_holds_what_the_branch_does_not_bring(clinic: Exercise) -> None:
    main = branched(clinic, clinic.default).main[-1].tree
    assert sorted(main) == ["README.md", "src/clinic/evaluate.py", "src/clinic/serve.py"]
    assert b"def agreement" in main["src/clinic/evaluate.py"]
    assert b"def evaluate" not in main["src/clinic/evaluate.py"]
    assert b"GroupKFold" not in main["src/clinic/evaluate.py"]


def test_what_the_branch_rewrites_stands_on_main_as_it_was(clinic: Exercise) -> None:
    found = branched(clinic, clinic.default)
    before = found.main[-1].tree["src/clinic/serve.py"]
    assert before.startswith(b'"""Serve: the waiting list."""')
    assert [one.tree["src/clinic/serve.py"] == before for one in found.branch] == [True, False]


def test_the_branch_ends_in_the_project_as_planted(clinic: Exercise) -> None:
    for form in clinic.forms:
        assert branched(clinic, form.defects).branch[-1].tree == plant(clinic, form.defects)


def test_main_is_the_same_whatever_is_planted(clinic: Exercise) -> None:
    mains = [branched(clinic, form.defects).main[-1].tree for form in clinic.forms]
    assert all(tree == branched(clinic, ()).main[-1].tree for tree in mains)


def test_a_commit_that_main_does_not_have_leaves_its_files_to_the_next(clinic: Exercise) -> None:
    main = branched(clinic, clinic.default).main
    assert [one.message for one in main] == ["Ranks of the waiting list", "The rest"]
    assert "README.md" in main[-1].tree


def test_a_change_of_the_branch_is_taken_back_on_main(clinic: Exercise) -> None:
    change = '\n[[pull_request.commit.change]]\nfile = "README.md"\nwas = "A Clinic"\nnow = "A clinic"\n'
    readme = clinic.project / "README.md"
    readme.write_text("# A clinic\n")
    found = branched(told(clinic, HISTORY + change), clinic.default)
    assert [one.tree["README.md"] for one in (found.main[-1], *found.branch)] == [
        b"# A Clinic\n", b"# A Clinic\n", b"# A clinic\n",
    ]  # fmt: skip


def test_an_exercise_without_a_pull_request_says_so(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    plain = told(clinic, HISTORY.partition("[pull_request]")[0])
    with pytest.raises(UsageError, match=r"history\.toml has no \[pull_request\]"):
        export(plain, tmp_path / "ada", ledger=ledger, pull_request=True)
    shutil.rmtree(clinic.bank / "solutions")
    with pytest.raises(UsageError, match="the hidden half is not here"):
        export(load_bank(clinic.bank).exercise("clinic"), tmp_path / "ada", ledger=ledger, pull_request=True)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ada/answer-the-desk", "main", "must match"),
        ('by = "ada"\ntitle', 'by = "adda"\ntitle', r"pull_request\.by` names `adda`.*the nearest is `ada`"),
        ('["In use from today"]', '["In use"]', "names `In use`, which is the subject of no commit"),
        ("2024-03-11", "2024-03-01", "before the last commit of `main`"),
        ('files = ["src/clinic/serve.py", ', "files = [", "names src/clinic/serve.py, which no commit of the branch"),
        ('"notebooks"]', '"notebook"]', r"pull_request\.commit 2, 'Answers .*names notebook, which the project"),
        ('{ "src/clinic/evaluate.py" = ["evaluate"] }', '{ "src/clinic/evaluate.py" = ["agreement"] }',
         r"brings src/clinic/evaluate\.py \(agreement\), and something on `main` uses it"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_place(clinic: Exercise, old: str, new: str, words: str) -> None:
    assert old in HISTORY
    with pytest.raises(ManifestError, match=words):
        branched(told(clinic, HISTORY.replace(old, new)), clinic.default)


def test_a_branch_that_brings_everything_is_refused(clinic: Exercise) -> None:
    text = HISTORY.replace('"notebooks"]', '"notebooks", "src", "README.md"]')
    text = text.replace('parts = { "src/clinic/evaluate.py" = ["evaluate"] }', 'files = ["src"]')
    start, end = text.index("[pull_request.before]"), text.index("[[pull_request.commit]]")
    with pytest.raises(ManifestError, match="`main` would be empty"):
        branched(told(clinic, text[:start] + text[end:]), clinic.default)


# ── what is handed out ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_branch_is_checked_out_and_is_what_was_handed_out(
    ada: Path, clinic: Exercise, ledger: Path
) -> None:
    assert git(ada, "rev-parse", "--abbrev-ref", "HEAD") == "ada/answer-the-desk\n"
    assert git(ada, "branch", "--format=%(refname:short)").split() == ["ada/answer-the-desk", "main"]
    assert git(ada, "status", "--short", "--ignored") == ""
    git(ada, "fsck", "--strict")
    (entry,) = entries(ledger)
    tree = read_tree(ada)
    assert {path: content for path, content in tree.items() if path != "receipt.json"} == handed_out(
        clinic, entry
    )
    assert set(git(ada, "ls-tree", "-r", "--name-only", "HEAD").splitlines()) == set(tree)


def test_the_change_shows_the_project_and_nothing_of_the_task(ada: Path) -> None:
    changed = git(ada, "diff", "--name-only", "main...ada/answer-the-desk").splitlines()
    assert changed == [
        "notebooks/clinic.ipynb", "notebooks/clinic.py", "src/clinic/evaluate.py", "src/clinic/serve.py",
    ]  # fmt: skip
    assert {"TASK.md", "PULL_REQUEST.md", "receipt.json", "Makefile"} <= set(
        git(ada, "ls-tree", "--name-only", "main").splitlines()
    )


def test_both_branches_tell_who_did_what_and_when(ada: Path, clinic: Exercise) -> None:
    found = branched(clinic, clinic.default)
    log = git(ada, "log", "--reverse", "--format=%an|%aI|%s").splitlines()
    team = found.main[-1].at + timedelta(days=1)
    assert log == [
        *(f"{one.author.partition(' <')[0]}|{one.at.isoformat()}|{one.message}" for one in found.main),
        f"The team|{team.isoformat()}|Add the task, the standard and a form for the review",
        *(f"{one.author.partition(' <')[0]}|{one.at.isoformat()}|{one.message}" for one in found.branch),
    ]


def test_the_makefile_has_the_tasks_on_both_branches(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    (clinic.project / "Makefile").write_text("run:\n\techo run\n")
    text = HISTORY.replace('"notebooks"]', '"notebooks", "Makefile"]')
    export(told(clinic, text), tmp_path / "bob", ledger=ledger, form="default", pull_request=True)
    diff = git(tmp_path / "bob", "diff", "main...ada/answer-the-desk", "--", "Makefile")
    assert [line for line in diff.splitlines() if line.startswith(("+\t", "-\t"))] == ["+\techo run"]
    assert "submit:" in git(tmp_path / "bob", "show", "main:Makefile")


def test_the_description_is_its_authors(ada: Path) -> None:
    said = (ada / "PULL_REQUEST.md").read_text()
    assert said.startswith(
        "# Answer the desk, record by record\n\nAda Lind wants to merge `ada/answer-the-desk` into `main`.\n\nThe desk"
    )
    assert "## How I tested it" in said


def test_the_task_asks_for_a_review_of_the_branch(ada: Path, clinic: Exercise) -> None:
    task = " ".join((ada / "TASK.md").read_text().split())
    assert "Ada Lind wants to merge `ada/answer-the-desk`" in task
    assert "`git diff main...ada/answer-the-desk`" in task
    assert "Ada wants to answer the desk from next week on." in task
    assert "over from a colleague" not in task
    assert clinic.manifest.story not in task
    plain = contents(clinic, terms=CandidateTerms(minutes=15))
    assert "PULL_REQUEST.md" not in plain
    assert b"over from a colleague" in plain["TASK.md"]


def test_an_archive_holds_the_whole_repository(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    export(clinic, tmp_path / "ada.zip", ledger=ledger, pull_request=True, format="zip")
    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    folder = tmp_path / "unpacked/clinic"
    assert git(folder, "status", "--short", "--ignored") == ""
    assert git(folder, "diff", "--stat", "main...HEAD")


def test_a_plain_folder_holds_no_pull_request(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a pull request needs a repository"):
        export(clinic, tmp_path / "ada", ledger=ledger, pull_request=True, format="dir")
    assert not ledger.exists()


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_receipt_leads_back_to_every_file(ada: Path, clinic: Exercise, ledger: Path) -> None:
    receipt = read_receipt(read_tree(ada), ledger, exercise="clinic")
    assert (receipt.verified, receipt.pull_request) == (True, True)
    assert json.loads((ada / "receipt.json").read_text())["nonce"] == receipt.nonce
    assert "PULL_REQUEST.md" in handed_out(clinic, receipt)


def test_a_pull_request_that_an_exercise_has_no_more_can_still_be_graded(
    ada: Path, clinic: Exercise, ledger: Path
) -> None:
    receipt = read_receipt(read_tree(ada), ledger, exercise="clinic")
    plain = told(clinic, HISTORY.partition("[pull_request]")[0])
    assert "PULL_REQUEST.md" not in handed_out(plain, receipt)


def test_without_a_receipt_the_description_is_nobodys_change(
    ada: Path, clinic: Exercise, tmp_path: Path
) -> None:
    (ada / "receipt.json").unlink()
    handed, returned = receive(clinic, ada, tmp_path / "clean", ledger=tmp_path / "none").handed_and_returned
    assert handed == returned


def test_an_invitation_attaches_the_repository(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    done = invite(clinic, "Ada", tmp_path / "out", ledger=ledger, pull_request=True)
    assert "asks for a review before it is merged" in done.message.read_text()
    with zipfile.ZipFile(done.export) as archive:
        assert {"clinic/PULL_REQUEST.md", "clinic/.git/HEAD"} <= set(archive.namelist())


def _placed(repository: Path, entry: dict[str, Any]) -> str:
    """Say where a comment stands that a host exports."""
    handed = read_tree(repository)
    (remark,) = exported(json.dumps([entry]).encode(), name="comments.json").remarks
    return place_of(remark, handed, handed)


def _github(path: str, line: int, hunk: str, side: str = "RIGHT") -> dict[str, Any]:
    user = {"login": "ada-l", "type": "User"}
    said = {"id": 1, "user": user, "body": "No."}
    return {**said, "path": path, "line": line, "side": side, "diff_hunk": hunk}


def _gitlab(path: str, *, new: int | None, old: int | None) -> dict[str, Any]:
    position = {"new_path": path, "old_path": path, "new_line": new, "old_line": old}
    note = {"id": 1, "body": "No.", "author": {"username": "ada-l"}, "position": position}
    return {"id": "one", "notes": [note]}


def _number(repository: Path, path: str, line: str, branch: str = "HEAD") -> int:
    return git(repository, "show", f"{branch}:{path}").splitlines().index(line) + 1


def test_a_comment_on_a_line_of_the_branch_stands_where_it_was_handed_out(ada: Path) -> None:
    path, line = "src/clinic/serve.py", '        return {"score": 0.5, "status": "ok"}'
    number = _number(ada, path, line)
    diff = git(ada, "diff", "main...ada/answer-the-desk", "--", path)
    hunk = diff[diff.index("@@ ") : diff.index(f"+{line}")] + f"+{line}"
    assert _placed(ada, _github(path, number, hunk)) == f"{path}:{number}"
    assert _placed(ada, _gitlab(path, new=number, old=None)) == f"{path}:{number}"


def test_a_comment_on_a_line_that_main_had_already_stands_where_the_branch_has_it(ada: Path) -> None:
    path, line = "src/clinic/evaluate.py", "def agreement(train, test):"
    before, after = (_number(ada, path, line, branch) for branch in ("main", "HEAD"))
    assert before != after
    assert _placed(ada, _gitlab(path, new=after, old=before)) == f"{path}:{after}"


def test_a_comment_on_a_line_that_the_branch_removes_is_one_on_the_file(ada: Path) -> None:
    path, line = "src/clinic/serve.py", '    """Order records by age."""'
    number = _number(ada, path, line, "main")
    hunk = f"@@ -{number},1 +{number},0 @@\n-{line}"
    assert _placed(ada, _github(path, number, hunk, "LEFT")) == path
    assert _placed(ada, _gitlab(path, new=None, old=number)) == path


# ── the exercises of the kit ─────────────────────────────────────────────────────────────────────────────────────────


def test_several_exercises_can_be_handed_out_as_a_pull_request() -> None:
    assert len(SLUGS) >= 4


@pytest.mark.parametrize("slug", SLUGS)
def test_every_mistake_of_an_exercise_comes_with_the_branch(slug: str) -> None:
    exercise = REAL.exercise(slug)
    assert [str(problem) for problem in unfit_pull_request(exercise)] == []
    assert main_of(exercise, ()) == main_of(exercise, exercise.default)


@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("slug", SLUGS)
def test_in_every_form_the_branch_ends_in_what_is_planted(slug: str, seed: int | None) -> None:
    exercise = REAL.exercise(slug)
    for form in exercise.forms:
        tree = plant(exercise, form.defects)
        wanted = tree | (drawn(exercise, seed, tree) if seed is not None else {})
        assert branched(exercise, form.defects, seed=seed).branch[-1].tree == wanted


@pytest.mark.parametrize("assistants", ["allowed", "none"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_task_with_a_pull_request_has_at_most_500_words(
    slug: str, assistants: Literal["allowed", "none"]
) -> None:
    exercise = REAL.exercise(slug)
    task = contents(exercise, terms=CandidateTerms(45, assistants, pull_request=True))["TASK.md"].decode()
    assert len(task.split()) <= 500
    assert exercise.pull_request.branch in task


@pytest.mark.parametrize("slug", SLUGS)
def test_the_repository_ends_in_the_export_byte_for_byte(slug: str, ledger: Path, tmp_path: Path) -> None:
    exercise = REAL.exercise(slug)
    export(exercise, tmp_path / "ada", ledger=ledger, seed=7, pull_request=True)
    assert git(tmp_path / "ada", "status", "--short", "--ignored") == ""
    git(tmp_path / "ada", "fsck", "--strict")
    changed = git(tmp_path / "ada", "diff", "--name-only", f"main...{exercise.pull_request.branch}")
    assert {"TASK.md", "PULL_REQUEST.md", "receipt.json", "tasks.py", "exercise.toml"}.isdisjoint(
        changed.split()
    )


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_the_visible_tests_on_main_pass(slug: str, tmp_path: Path) -> None:
    exercise = REAL.exercise(slug)
    write_tree(main_of(exercise, ()), tmp_path)
    paths = [str(tmp_path / path) for path in exercise.manifest.contract.paths]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def main_of(exercise: Exercise, defects: tuple[str, ...]) -> dict[str, bytes]:
    return dict(branched(exercise, defects).main[-1].tree)


# ── what an author is told ───────────────────────────────────────────────────────────────────────────────────────────


def problems(exercise: Exercise) -> list[str]:
    return [str(problem) for problem in [*leaks_of_history(exercise), *unfit_pull_request(exercise)]]


def test_a_branch_of_a_few_lines_is_too_small_for_a_review(clinic: Exercise) -> None:
    assert [re.sub(r"\d+ lines", "N lines", one.what) for one in unfit_pull_request(clinic)] == [
        "the branch changes N lines of code, where 150 to 400 are a review's work"
    ] * len(clinic.forms)


def test_only_code_counts_as_changed() -> None:
    before = {"a.py": b"a\nb\n", "README.md": b"a\n", "data/a.csv": b"a\n"}
    after = {"a.py": b"a\nc\nd\n", "README.md": b"b\n", "data/a.csv": b"b\n", "docs/a.md": b"c\n"}
    assert changed_lines(before, after) == 3


def test_a_mistake_on_main_is_found(clinic: Exercise) -> None:
    line = 'value = float(record["age"]) / 100'
    text = HISTORY.replace("return sorted(records, key", f"{line}\n    return sorted(records, key")
    (found,) = [one for one in problems(told(clinic, text)) if "holds a line" in one]
    assert "of the defect `age-scaled-by-the-record` in src/clinic/serve.py" in found


def test_what_planting_changes_has_no_place_on_main(clinic: Exercise) -> None:
    text = HISTORY.replace(', "notebooks"]', "]")
    assert any(
        "planting changes notebooks/clinic.ipynb on `main`" in one for one in problems(told(clinic, text))
    )


@pytest.mark.parametrize(
    "place", ["By hand, with last week's list.", "Answers for the desk", "Answer the desk, record by record"]
)
def test_a_description_that_tells_is_refused(clinic: Exercise, place: str) -> None:
    text = HISTORY.replace(place, "Nothing watches the incoming records")
    assert any("describes `nobody-watches`" in one for one in problems(told(clinic, text)))


def test_what_planting_removed_may_not_stand_on_main(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    line = "return [field for field, value in record.items() if value is None]"
    text = HISTORY.replace("return sorted(records, key", f"{line}\n    return sorted(records, key")
    with pytest.raises(BankError, match="what planting `nobody-watches` removed"):
        export(told(clinic, text), tmp_path / "ada", ledger=ledger, pull_request=True)
    assert not (tmp_path / "ada").exists()
