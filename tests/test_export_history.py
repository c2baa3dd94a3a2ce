"""A history is the project's own: it ends in what is handed out, and no commit tells more than that does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.environment import find
from unfit.errors import BankError, ManifestError
from unfit.export import branched, export, history_of, only_there
from unfit.export.contents import drawn
from unfit.export.parts import cut, joined
from unfit.export.pull_request import Branched
from unfit.planting import plant, regenerate, write_tree
from unfit.validate import leaks_of_history

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unfit.export.history import Snapshot

ROOT = Path(__file__).parents[1]
BANKS = Path(__file__).parent / "banks"
REAL = load_bank(ROOT)
SLUGS = [slug for slug in REAL.slugs if REAL.exercise(slug).history is not None]
COMMITS = {"first": (10, 20), "field": (20, 40)}
"""How many a past has, by tier."""
LONG = 40
OPENING = 'format = 1\n\n[people]\nada = "Ada Lind <ada@clinic.example>"\nbo = "Bo Ek <bo@clinic.example>"\n'
TWO = """
[[commit]]
by = "ada"
at = 2024-03-04T09:10:00+01:00
message = "Ranks of the waiting list"
parts = { "src/clinic/serve.py" = ["rank"] }

[[commit]]
by = "bo"
at = 2024-03-05T14:00:00+01:00
message = "The rest"
files = ["."]
"""
IMPORTS = """
import importlib, json, pathlib, sys
sys.dont_write_bytecode = True
for folder in json.load(sys.stdin):
    roots = [pathlib.Path(folder, "src"), pathlib.Path(folder)]
    sys.path[:0] = map(str, roots)
    own = {path.relative_to(roots[0]).parts[0] for path in roots[0].rglob("*.py")}
    for path in sorted(roots[0].rglob("*.py")):
        if path.stem != "__main__":
            importlib.import_module(".".join(path.relative_to(roots[0]).with_suffix("").parts).removesuffix(".__init__"))
    for name in [name for name in sys.modules if name.split(".")[0] in own]:
        del sys.modules[name]
    del sys.path[:2]
"""


cut_once = lru_cache(maxsize=None)(cut)
"""Most files stay the same from one commit to the next."""


@pytest.fixture
def clinic(tmp_path: Path) -> Exercise:
    """An exercise of a bank that a test may change."""
    shutil.copytree(BANKS / "reviewed", tmp_path / "bank")
    regenerate(load_bank(tmp_path / "bank"))
    return load_bank(tmp_path / "bank").exercise("clinic")


def told(exercise: Exercise, text: str) -> Exercise:
    """Give an exercise a history, and read it anew."""
    (exercise.solution / "history.toml").write_text(text)
    return load_bank(exercise.bank).exercise(exercise.slug)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@lru_cache(maxsize=1)
def forms(slug: str) -> tuple[tuple[Exercise, tuple[str, ...], tuple[Snapshot, ...]], ...]:
    exercise = REAL.exercise(slug)
    return tuple((exercise, form.defects, history_of(exercise, form.defects)) for form in exercise.forms)


def told_in(slug: str) -> Iterator[tuple[tuple[str, ...], Snapshot]]:
    """Give every commit of every form, and those of its pull request, with the form's defects."""
    for exercise, defects, history in forms(slug):
        request = branched(exercise, defects) if exercise.has_pull_request else Branched((), ())
        for snapshot in (*history, *request.main, *request.branch):
            yield defects, snapshot


# ── the exercises of the kit ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("slug", SLUGS)
def test_the_last_commit_is_the_project_as_planted_in_every_form(slug: str) -> None:
    for exercise, defects, history in forms(slug):
        assert history[-1].tree == plant(exercise, defects)
        least, most = COMMITS[exercise.manifest.tier]
        assert least <= len(history) <= most


@pytest.mark.parametrize("slug", SLUGS)
def test_the_last_commit_holds_the_drawn_data(slug: str) -> None:
    exercise = REAL.exercise(slug)
    tree = plant(exercise, exercise.default)
    history = history_of(exercise, exercise.default, seed=7)
    assert history[-1].tree == tree | drawn(exercise, 7, tree)
    assert len(history) == len(history_of(exercise, exercise.default))


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_in_a_history_gives_anything_away(slug: str) -> None:
    assert [str(problem) for problem in leaks_of_history(REAL.exercise(slug))] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_no_commit_holds_a_line_that_planting_removed(slug: str) -> None:
    removed = {
        defects: _lines(plant(exercise, ())) - _lines(plant(exercise, defects))
        for exercise, defects, _ in forms(slug)
    }
    for defects, snapshot in told_in(slug):
        assert not removed[defects] & _lines(snapshot.tree)


def _lines(tree: Mapping[str, bytes]) -> set[str]:
    """Collect the long lines of code."""
    texts = [content.decode() for path, content in tree.items() if path.endswith((".py", ".ipynb", ".md"))]
    return {line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= LONG}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_people_of_a_story_work_by_day_and_say_something_each_time(slug: str) -> None:
    history = REAL.exercise(slug).history
    assert history is not None
    request = history.pull_request
    assert {commit.by for commit in history.commits} == set(history.people)
    for commits in (history.commits, request.commits if request else ()):
        assert all(7 <= commit.at.hour < 21 for commit in commits)
        assert len({commit.message for commit in commits}) == len(commits)
        assert not any(
            re.search(r"\b(?:fix|bug|mistake|wrong|defect)", one.message, re.IGNORECASE) for one in commits
        )


@pytest.mark.parametrize("slug", SLUGS)
def test_in_no_commit_a_name_is_undefined_or_a_file_broken(slug: str, tmp_path: Path) -> None:
    for number, (_, snapshot) in enumerate(told_in(slug)):
        code = {path: content for path, content in snapshot.tree.items() if path.endswith(".py")}
        write_tree(code, tmp_path / str(number))
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F821,F822,E9"]
    done = subprocess.run([*ruff, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("slug", SLUGS)
def test_what_a_commit_imports_of_the_project_is_there(slug: str) -> None:
    exercise = REAL.exercise(slug)
    for _, snapshot in told_in(slug):
        for path, content in snapshot.tree.items():
            for part in cut_once(path, content) if path.endswith((".py", ".ipynb")) else ():
                for one in part.imports:
                    assert _is_there(exercise, snapshot, one.module, one.name), (path, one)


def _is_there(exercise: Exercise, snapshot: Snapshot, module: str, name: str) -> bool:
    """Whether a name can be imported, where its module is one of the project's."""
    for root in exercise.manifest.contract.paths:
        if module.split(".", maxsplit=1)[0] in {
            path.split("/")[1] for path in snapshot.tree if path.startswith(f"{root}/")
        }:
            path = f"{root}/{module.replace('.', '/')}.py"
            parts = cut_once(path, snapshot.tree[path]) if path in snapshot.tree else ()
            inside = f"{root}/{module.replace('.', '/')}/{name}.py"
            return inside in snapshot.tree or any(name in part.binds for part in parts)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_each_commit_can_be_imported(slug: str, tmp_path: Path) -> None:
    exercise = REAL.exercise(slug)
    folders = []
    told = [snapshot for defects, snapshot in told_in(slug) if defects == exercise.default]
    for number, snapshot in enumerate(told):
        folders.append(str(tmp_path / str(number)))
        write_tree(snapshot.tree, tmp_path / str(number))
    command = [str(find(ROOT).python), "-c", IMPORTS]
    done = subprocess.run(command, input=json.dumps(folders), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ── what git makes of it ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("form", ["default", "pairs-1"])
def test_a_repository_tells_who_did_what_and_when(form: str, seed: int | None, tmp_path: Path) -> None:
    exercise = REAL.exercise("hospital_triage")
    for name in ("ada", "bob"):
        export(exercise, tmp_path / name, ledger=tmp_path / "ledger", form=form, seed=seed, format="git")
    history = history_of(exercise, exercise.form(form).defects, seed=seed)
    log = git(tmp_path / "ada", "log", "--reverse", "--format=%an <%ae>|%aI|%cI|%s").splitlines()
    said = [line.split("|") for line in log]
    assert [(who, datetime.fromisoformat(at), subject) for who, at, _, subject in said[:-1]] == [
        (one.author, one.at, one.message.splitlines()[0]) for one in history
    ]
    assert all(at == committed for _, at, committed, _ in said)
    assert said[-1][0] == "The team <team@example.invalid>"
    assert datetime.fromisoformat(said[-1][1]) == history[-1].at + timedelta(days=1)
    one, other = (git(tmp_path / name, "rev-list", "--reverse", "HEAD").split() for name in ("ada", "bob"))
    assert one[:-1] == other[:-1]
    assert one[-1] != other[-1]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_repository_ends_in_the_export_byte_for_byte(slug: str, tmp_path: Path) -> None:
    exercise, ada = REAL.exercise(slug), tmp_path / "ada"
    export(exercise, ada, ledger=tmp_path / "ledger", format="git")
    tree = read_tree(ada)
    assert git(ada, "status", "--short", "--ignored") == ""
    assert set(git(ada, "ls-tree", "-r", "--name-only", "HEAD").splitlines()) == set(tree)
    git(ada, "fsck", "--strict")
    export(exercise, tmp_path / "bob", ledger=tmp_path / "ledger")
    assert {path for path, content in read_tree(tmp_path / "bob").items() if content != tree[path]} == {
        "receipt.json"
    }
    assert not (ada / ".git/logs").exists()


def test_each_line_is_blamed_on_whoever_wrote_it(tmp_path: Path) -> None:
    export(REAL.exercise("hospital_triage"), tmp_path / "ada", ledger=tmp_path / "ledger", format="git")
    blame = git(tmp_path / "ada", "blame", "--line-porcelain", "src/triage/model.py")
    assert len(set(re.findall(r"^summary (.*)$", blame, re.MULTILINE))) == 3


# ── how a history is told ────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_history_there_is_one_commit(clinic: Exercise) -> None:
    assert history_of(clinic, clinic.default) == ()


def test_without_the_hidden_half_there_is_one_commit(clinic: Exercise) -> None:
    told(clinic, OPENING + TWO)
    shutil.rmtree(clinic.bank / "solutions")
    assert history_of(load_bank(clinic.bank).exercise("clinic"), ()) == ()


def test_a_history_is_no_part_of_what_verdicts_depend_on(clinic: Exercise) -> None:
    assert told(clinic, OPENING + TWO).digest == clinic.digest


def test_a_part_brings_what_it_uses_and_no_more(clinic: Exercise) -> None:
    first, last = history_of(told(clinic, OPENING + TWO), ())
    assert list(first.tree) == ["src/clinic/serve.py"]
    assert first.tree["src/clinic/serve.py"].startswith(b'"""Serve: answer the desk."""\n\n\ndef rank(')
    assert last.tree == plant(clinic, ())


def test_a_part_brings_what_it_imports_from_other_files(clinic: Exercise) -> None:
    text = TWO.replace('["rank"]', '["score"]')
    first, _ = history_of(told(clinic, OPENING + text), ())
    assert sorted(first.tree) == ["src/clinic/serve.py", "src/clinic/watch.py"]
    first, _ = history_of(told(clinic, OPENING + text), ["nobody-watches"])
    assert sorted(first.tree) == ["src/clinic/serve.py"]


def test_the_last_commit_that_names_a_file_brings_what_is_left(clinic: Exercise) -> None:
    more = TWO.replace(
        'files = ["."]', 'parts = { "src/clinic/serve.py" = ["score"] }\nfiles = ["README.md"]'
    )
    with pytest.raises(ManifestError, match="no commit brings notebooks"):
        history_of(told(clinic, OPENING + more), ())
    more = more.replace(
        '["README.md"]', '["README.md", "src/clinic/evaluate.py", "src/clinic/watch.py", "notebooks"]'
    )
    assert history_of(told(clinic, OPENING + more), ())[-1].tree == plant(clinic, ())


def test_a_commit_that_brings_nothing_to_a_form_is_left_out(clinic: Exercise) -> None:
    text = TWO.replace('parts = { "src/clinic/serve.py" = ["rank"] }', 'files = ["src/clinic/watch.py"]')
    exercise = told(clinic, OPENING + text)
    assert [len(history_of(exercise, chosen)) for chosen in ((), ["nobody-watches"])] == [2, 1]


def test_a_change_shows_what_stood_there_before(clinic: Exercise) -> None:
    change = '\n[[commit.change]]\nfile = "src/clinic/evaluate.py"\nwas = "scale = 1"\nnow = "scale = 25.4"\n'
    first = TWO.replace('"src/clinic/serve.py" = ["rank"]', '"src/clinic/evaluate.py" = ["agreement"]')
    before, after = history_of(told(clinic, OPENING + first + change), clinic.default)
    assert b"scale = 1\n" in before.tree["src/clinic/evaluate.py"]
    assert after.tree == plant(clinic, clinic.default)


def test_a_file_can_come_and_go(clinic: Exercise) -> None:
    come = '\n[[commit.change]]\nfile = "cron.txt"\nnow = "0 3 * * *"\n'
    go = '\n[[commit]]\nby = "bo"\nat = 2024-03-06T10:00:00+01:00\nmessage = "The scheduler does it"\n'
    gone = '\n[[commit.change]]\nfile = "cron.txt"\nwas = "0 3 * * *"\n'
    history = history_of(told(clinic, OPENING + TWO + come + go + gone), ())
    assert ["cron.txt" in one.tree for one in history] == [False, True, False]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"src/clinic/serve.py"', '"src/clinic/sreve.py"', r"commit 1, 'Ranks .*sreve\.py.*; the nearest is `src/c"),
        ('["rank"]', '["rnak"]', r"has no part `rnak`; the nearest is `rank`"),
        ('files = ["."]', 'files = ["srcs"]', "`files` names srcs, which the project does not have"),
        ("2024-03-05", "2024-03-01", r"commit\[2\]\.at.* before the commit above it"),
        ("2024-03-05T14:00:00+01:00", "2024-03-05T14:00:00", "timezone"),
        ('by = "bo"', 'by = "bob"', "names `bob`, who is none of `people`; the nearest is `bo`"),
        ('message = "The rest"', 'message = "The rest\\nof it"', "no empty line after its subject"),
        ("The rest", "rest " * 20, "characters, where 72 are read"),
        ('files = ["."]', "", "brings nothing"),
        ("bo@clinic.example", "bo@clinic.com", "must match"),
        ('files = ["."]', 'files = ["."]\n[[commit.change]]\nfile = "README.md"\nwas = "a"\nnow = "b"', "holds once"),
        ('files = ["."]', 'files = ["."]\n[[commit.change]]\nfile = "README.md"', "are the same"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_place(clinic: Exercise, old: str, new: str, words: str) -> None:
    text = OPENING + TWO
    assert old in text
    with pytest.raises(ManifestError, match=words):
        history_of(told(clinic, text.replace(old, new)), ())


def test_parts_of_what_is_there_already_are_a_mistake(clinic: Exercise) -> None:
    whole = TWO.replace('parts = { "src/clinic/serve.py" = ["rank"] }', 'files = ["src"]')
    with pytest.raises(ManifestError, match="which commit 1 brings whole"):
        history_of(told(clinic, OPENING + whole + 'parts = { "src/clinic/serve.py" = ["rank"] }\n'), ())


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Score an unreadable record one half", "describes `half-for-unreadable-records`"),
        ("Nothing watches the incoming records", "describes `nobody-watches`"),
        ("Made by unfit", "would give away the kit"),
    ],
)
def test_a_message_that_tells_is_refused(clinic: Exercise, message: str, words: str) -> None:
    exercise = told(clinic, OPENING + TWO.replace("The rest", message))
    assert any(words in str(problem) for problem in leaks_of_history(exercise))


def test_a_change_that_shows_the_right_text_is_refused(clinic: Exercise, tmp_path: Path) -> None:
    line = "return [field for field, value in record.items() if value is None]"
    change = f'\n[[commit.change]]\nfile = "src/clinic/serve.py"\nwas = """\n    {line}\n"""\nnow = "    known = ["\n'
    exercise = told(clinic, OPENING + TWO + change)
    with pytest.raises(BankError, match="would give away what planting `nobody-watches` removed in commit 1"):
        export(exercise, tmp_path / "ada", ledger=tmp_path / "ledger", format="git")
    assert not (tmp_path / "ada").exists()
    export(exercise, tmp_path / "bob", ledger=tmp_path / "ledger")


def test_only_what_the_end_does_not_hold_is_searched(clinic: Exercise) -> None:
    history = history_of(told(clinic, OPENING + TWO), ())
    assert sorted(only_there(history, history[-1].tree)) == [
        "commit 1, its message", "commit 1, src/clinic/serve.py", "commit 2, its message",
    ]  # fmt: skip


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def kept(path: str, text: str, names: Sequence[str]) -> str:
    parts = cut(path, text.encode())
    chosen = {at for at, part in enumerate(parts) if part.kind == "always" or part.names & set(names)}
    return joined(path, text.encode(), parts, chosen, ()).decode()


@pytest.mark.parametrize(
    ("path", "text", "names", "wanted"),
    [
        ("a.md", "# A\n\n```\n# no heading\n```\n\n## B\n\nb\n", ["A"], "# A\n\n```\n# no heading\n```\n"),
        ("a.toml", 'a = 1\n\n[b]\nc = ["x"]\n\n[b.d]\ne = 1\n', ["b.d"], "a = 1\n\n[b.d]\ne = 1\n"),
        ("Makefile", "X := 1\n\na: b\n\tx\n\nb:\n\ty\n", ["b"], "X := 1\n\nb:\n\ty\n"),
        ("a.csv", "a\n1\n2\n3\n4\n", ["50 %"], "a\n1\n2\n"),
        ("a.jsonl", "1\n2\n3\n4\n", ["25 %"], "1\n"),
        ("a.py", 'A = 1\n"""What it is."""\nB = 2\n', ["A"], 'A = 1\n"""What it is."""\n'),
        ("a.py", "# why\n@f\ndef g():\n    pass\n\n\nB = 2\n", ["g"], "# why\n@f\ndef g():\n    pass\n"),
        ("a.py", "import x\n\nfrom y import a, b\n\n\nC = b\n", ["C"], "from y import b\n\n\nC = b\n"),
    ],
)  # fmt: skip
def test_a_file_is_cut_where_people_would(path: str, text: str, names: list[str], wanted: str) -> None:
    assert kept(path, text, names) == wanted


@pytest.mark.parametrize("slug", SLUGS)
def test_all_parts_together_are_the_file(slug: str) -> None:
    for path, content in plant(REAL.exercise(slug), ()).items():
        if not path.endswith((".ipynb", ".sqlite")):
            parts = cut(path, content)
            whole = "".join(part.text for part in parts)
            assert whole in {content.decode(), ""}
            assert joined(path, content, parts, range(len(parts)), ()) == content
