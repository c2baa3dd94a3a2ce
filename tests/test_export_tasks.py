"""What a candidate runs needs Python alone, and says what is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from unfit.bank import load_bank, read_tree
from unfit.export import CandidateTerms, contents
from unfit.export.contents import DEVCONTAINER
from unfit.planting import write_tree
from unfit.review import parse
from unfit.review.cutting import OPENING
from unfit.review.part_names import CATEGORIES
from unfit.submission import Submission, take, wanted
from unfit.submission.path_names import JUNK
from unfit.submission.path_names import junk as left_out
from unfit.submission.project_place import OF_AN_ENVIRONMENT
from unfit.templates.export import tasks

BANKS = Path(__file__).parent / "banks"
TEMPLATES = Path(__file__).parents[1] / "harness/unfit/templates"
SAMPLES = sorted((Path(__file__).parent / "reviews").glob("*.md"))
PARTS = {
    "decision": "a decision",
    "first_three": "the first three fixes",
    "first_hour": "the first hour",
    "rollback": "how to roll back",
    "watch": "what to watch",
    "tools": "tools",
}
CLINIC = wanted(load_bank(BANKS / "reviewed").exercise("clinic"))
WHO = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
GOOD = """# Review
## Decision
Hold
## First three
The split
## First hour
Call them
## Rollback
Old model
## What to watch
Alerts
## Tools
None of note
## Findings
### Split
- Where: src/clinic/evaluate.py
- Category: leakage
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    clinic = load_bank(BANKS / "reviewed").exercise("clinic")
    tree = contents(clinic, clinic.default, terms=CandidateTerms(minutes=15))
    folder = tmp_path / "ada"
    write_tree(tree | {"REVIEW.md": GOOD.encode(), "receipt.json": b'{"nonce": "a35550d2d81e"}'}, folder)
    return folder


def run(repository: Path, *arguments: str, isolated: bool = True) -> tuple[int, str]:
    """Run a task with Python alone: no site packages, no environment."""
    flags = ["-S"] if isolated else []
    done = subprocess.run(
        [sys.executable, *flags, "-m", "tasks", *arguments],
        cwd=repository, env={"PATH": os.environ["PATH"], **WHO}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_check_ends_with_what_it_is(repository: Path) -> None:
    code, said = run(repository, "check")
    assert code == 0
    assert said.endswith("\nThis checks format and visible tests only.\n")
    assert "nothing is missing in their form" in said


def test_set_up_from_within_its_environment_leaves_it_as_it_is(repository: Path) -> None:
    (repository / "requirements.txt").write_text("")
    assert run(repository, "setup")[0] == 0
    inside = subprocess.run(
        [repository / ".venv/bin/python", "-m", "tasks", "setup"],
        cwd=repository, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (inside.returncode, inside.stdout) == (0, "ready: .venv\n")


@pytest.fixture
def wheels(tmp_path: Path, repository: Path) -> Path:
    """Lay out a folder with the one package that the project needs, in place of an index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    about = "Metadata-Version: 2.1\nName: clinic-needs\nVersion: 1.0\n"
    with zipfile.ZipFile(folder / "clinic_needs-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("clinic_needs.py", "")
        wheel.writestr("clinic_needs-1.0.dist-info/METADATA", about)
        wheel.writestr("clinic_needs-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("clinic_needs-1.0.dist-info/RECORD", "")
    (repository / "requirements.txt").write_text("clinic-needs==1.0\n")
    return folder


@pytest.mark.parametrize("program", ["pip", "uv"])
def test_set_up_works_with_uv_and_without(program: str, repository: Path, wheels: Path) -> None:
    scripts = Path(sys.prefix) / "bin"
    path = {"pip": os.defpath, "uv": f"{scripts}:{os.defpath}"}[program]
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "UV_OFFLINE": "1", "UV_NO_INDEX": "1"}
    offline |= {"UV_FIND_LINKS": str(wheels), "UV_CACHE_DIR": str(wheels / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "tasks", "setup"],
        cwd=repository, env={"PATH": path, **offline, **WHO}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.endswith("ready: .venv\n")) == (0, True), done.stdout
    subprocess.run([repository / ".venv/bin/python", "-c", "import clinic_needs"], check=True)
    assert (repository / ".venv/bin/pip").exists() is (program == "pip")


def test_uv_alone_runs_every_task_and_leaves_nothing_to_hand_in(repository: Path, wheels: Path) -> None:
    uv = Path(sys.prefix) / "bin" / "uv"
    before = {*read_tree(repository)}
    offline = {
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_PYTHON": sys.executable,
    }
    where = {"PATH": f"{uv.parent}:{os.defpath}", "UV_CACHE_DIR": str(wheels / "cache"), **offline, **WHO}
    for task, code in (("setup", 0), ("check", 0), ("submit", 0)):
        done = subprocess.run(
            [uv, "run", "--no-project", "tasks.py", task],
            cwd=repository, env=where, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
    assert {*read_tree(repository)} - before == {"submission.zip"}


def test_check_runs_the_tests_in_an_environment_of_the_candidates_own(repository: Path) -> None:
    (repository / "tests").mkdir(exist_ok=True)
    (repository / "tests/test_a.py").write_text("def test_a():\n    assert True\n")
    code, said = run(repository, "check", isolated=False)
    assert (code, "1 passed" in said, (repository / ".venv").exists()) == (0, True, False), said


def test_submit_leaves_the_settings_of_a_dev_container_out(repository: Path, tmp_path: Path) -> None:
    assert (repository / DEVCONTAINER).is_file()
    said, _, taken = submitted(repository, tmp_path / "taken")
    assert (DEVCONTAINER in said, taken.left_out) == (False, {})
    assert DEVCONTAINER not in read_tree(taken.root)


def test_a_set_up_that_fails_says_what_to_do_and_shows_what_happened(repository: Path) -> None:
    (repository / "requirements.txt").write_text("./nowhere\n")
    code, said = run(repository, "setup")
    assert code == 1
    assert "making .venv" in said
    assert "nowhere" in said
    assert "fix: " in said


def test_a_failing_visible_test_fails_the_check(repository: Path) -> None:
    (repository / "tests").mkdir()
    (repository / "tests/test_a.py").write_text("def test_a():\n    assert False\n")
    code, said = run(repository, "check", isolated=False)
    assert code == 1
    assert "1 failed" in said


def test_tests_that_cannot_run_are_named(repository: Path) -> None:
    (repository / "tests").mkdir()
    (repository / "tests/test_a.py").write_text("def test_a():\n    assert False\n")
    env = {"PATH": "/usr/bin:/bin"}
    command = [
        sys.executable,
        "-S",
        "-c",
        "import tasks; tasks.python = lambda: '/bin/false'; tasks.run_tests()",
    ]
    said = subprocess.run(command, cwd=repository, env=env, capture_output=True, text=True, check=True).stdout
    assert "tests: not run, because there is no .venv" in said


REVIEWS = {
    "": "REVIEW.md is not filled in",
    "## Decision\nHold\n": "REVIEW.md: nothing about how to roll back",
    GOOD.replace("leakage", "vibes"): "REVIEW.md:17: category `vibes` is none of",
    GOOD.replace("- Where: src/clinic/evaluate.py", "- a"): "REVIEW.md: no finding names a place",
    GOOD.replace("Hold", "<!-- Hold -->"): "REVIEW.md: nothing about a decision",
}


@pytest.mark.parametrize("review", REVIEWS)
def test_a_review_that_lacks_something_is_told_so(review: str, repository: Path) -> None:
    (repository / "REVIEW.md").write_text(review)
    code, said = run(repository, "check")
    assert code == 1
    assert f"look at: {REVIEWS[review]}" in said


@pytest.mark.parametrize(
    "label",
    [
        "**First three fixes:**",
        "First 3 fixes, and why:",
        "- *What to watch*:",
        "What I would watch afterwards:",
    ],
)
def test_a_part_may_stand_behind_a_label(label: str, repository: Path) -> None:
    (repository / "REVIEW.md").write_text(f"# Review\n\n{label} the split, then the imputer.\n")
    what = "what to watch" if "watch" in label else "the first three fixes"
    assert f"nothing about {what}" not in run(repository, "check")[1]


def test_an_empty_template_is_told_in_one_line(repository: Path) -> None:
    (repository / "REVIEW.md").write_bytes((TEMPLATES / "REVIEW.md").read_bytes())
    told = [line for line in run(repository, "check")[1].splitlines() if line.startswith("look at")]
    assert told == ["look at: REVIEW.md is not filled in"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_the_kit_reads_the_candidate_is_not_told_to_add(
    path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "REVIEW.md").write_bytes(path.read_bytes())
    monkeypatch.setattr(tasks, "HERE", repository)
    told, review = " ".join(tasks.review_problems()), parse(path.read_text("utf-8"))
    missing = {name: what for name, what in PARTS.items() if f"nothing about {what}" in told}
    assert [name for name in OPENING if name in missing and review.said(name)] == []
    assert "no finding names a place" not in told or not any(finding.where for finding in review.findings)


@pytest.mark.parametrize("value", list(CATEGORIES))
def test_every_name_of_a_category_is_known_to_the_candidate_too(value: str) -> None:
    assert tasks.KNOWN.search(value)


def test_a_review_from_another_editor_is_read(repository: Path) -> None:
    (repository / "REVIEW.md").write_bytes(GOOD.replace("\n", "\r\n").encode("utf-16"))
    assert run(repository, "check")[0] == 0


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5_000_000, b"\xff\xfe\xfd" * 9, b"[" * 300_000, b"# a\n" * 40_000]
)
def test_a_hostile_review_ends_in_a_sentence(content: bytes, repository: Path) -> None:
    (repository / "REVIEW.md").write_bytes(content)
    code, said = run(repository, "check")
    assert code == 1
    assert "look at: REVIEW.md" in said


def test_a_folder_in_place_of_the_review_is_no_review(repository: Path) -> None:
    (repository / "REVIEW.md").unlink()
    (repository / "REVIEW.md").mkdir()
    assert "look at: there is no REVIEW.md" in run(repository, "check")[1]


def test_a_finding_without_a_place_is_told_with_its_line(repository: Path) -> None:
    (repository / "REVIEW.md").write_text(f"{GOOD}\n### Half\n\nIt says 0.5 where it failed.\n")
    assert "look at: REVIEW.md:19: finding `Half` names no place" in run(repository, "check")[1]


def test_comments_beside_the_code_are_counted(repository: Path) -> None:
    with (repository / "src/clinic/evaluate.py").open("a") as file:
        file.write("\n# REVIEW(leakage): the split\n# REVIEW: and this\n")
    said = run(repository, "check")[1]
    assert "beside the code: 2 REVIEW comments (src/clinic/evaluate.py, src/clinic/evaluate.py)" in said


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"[" * 90_000])
def test_a_receipt_that_is_lost_is_told_and_hinders_nothing(content: bytes | None, repository: Path) -> None:
    (repository / "receipt.json").unlink()
    if content is not None:
        (repository / "receipt.json").write_bytes(content)
    code, said = run(repository, "submit")
    assert code == 0
    assert "missing: receipt.json is missing or broken; restore it from what you were sent" in said
    assert said.endswith("receipt: none\n")


DIAGNOSES = {
    'onset = ""\n': "diagnosis.toml is not filled in",
    "oops": "diagnosis.toml cannot be read",
    '# The first day, such as "2026-04-09".\nonset = "9 April"\n': "onset = `9 April` is no date such as 2026-01-31",
    '# One of:\n#   "unit"   a\n#   "stuck"  b\nmechanism = "units"\n': "mechanism = `units` is none of unit, stuck",
}


@pytest.mark.parametrize("diagnosis", DIAGNOSES)
def test_a_diagnosis_that_cannot_count_is_told(diagnosis: str, repository: Path) -> None:
    (repository / "diagnosis.toml").write_text(diagnosis)
    assert f"look at: {DIAGNOSES[diagnosis]}" in run(repository, "check")[1].replace("diagnosis.toml: ", "")


def test_a_diagnosis_that_can_count_is_fine(repository: Path) -> None:
    said = '# Such as "2026-04-09".\nonset = 2026-04-10\n# One of:\n#  "unit"  a\nmechanism = "Unit"\n'
    (repository / "diagnosis.toml").write_text(said)
    assert run(repository, "check")[0] == 0


def test_what_a_diagnosis_leaves_open_is_said_and_is_fine(repository: Path) -> None:
    (repository / "diagnosis.toml").write_text('onset = "2026-04-10"\nfield = ""\nnext = ""\n')
    code, said = run(repository, "check")
    assert (code, "left open in diagnosis.toml: field, next\n" in said) == (0, True)


def test_a_diagnosis_that_is_asked_for_and_gone_is_told(repository: Path) -> None:
    (repository / "TASK.md").write_text("Say in `diagnosis.toml` what happened.")
    assert "look at: there is no diagnosis.toml" in run(repository, "check")[1]


def test_a_missing_review_is_told(repository: Path) -> None:
    (repository / "REVIEW.md").unlink()
    assert "look at: there is no REVIEW.md" in run(repository, "check")[1]


CODE = {
    "def other():\n    pass\n": "the entry point clinic.evaluate:evaluate is not defined in src/clinic/evaluate.py",
    "def evaluate(:\n": "src/clinic/evaluate.py:1: ",
    "import torch\n\n\ndef evaluate():\n    pass\n": "src/clinic/evaluate.py:1: imports `torch`, which will not",
}


@pytest.mark.parametrize("code", CODE)
def test_an_entry_point_that_is_lost_is_told(code: str, repository: Path) -> None:
    (repository / "src/clinic/evaluate.py").write_text(code)
    assert CODE[code] in run(repository, "check")[1]


def test_broken_terms_are_told(repository: Path) -> None:
    (repository / "exercise.toml").write_text("oops")
    assert "look at: exercise.toml is missing or broken; restore it" in run(repository, "check")[1]


def test_a_module_that_is_lost_is_told(repository: Path) -> None:
    (repository / "src/clinic/evaluate.py").unlink()
    assert (
        "the entry point clinic.evaluate:evaluate has no file src/clinic/evaluate.py"
        in run(repository, "check")[1]
    )


def test_submit_packs_what_is_graded_and_prints_its_hash(repository: Path, tmp_path: Path) -> None:
    (repository / ".git").mkdir()
    (repository / ".git/config").write_text("[user]\n\temail = ada@example.org\n")
    (repository / "src/clinic/__pycache__").mkdir()
    (repository / "src/clinic/__pycache__/a.pyc").touch()
    code, said = run(repository, "submit")
    taken = take(repository / "submission.zip", tmp_path / "taken")
    assert code == 0
    assert f"{taken.files} files in submission.zip" in said
    assert said.endswith(f"checksum: {taken.digest}\nreceipt: a35550d2\n")
    assert b"ada@example.org" not in (repository / "submission.zip").read_bytes()
    assert {path: path in said for path in read_tree(taken.root)} == dict.fromkeys(
        read_tree(taken.root), True
    )


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know who sits here."""
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n")
    monkeypatch.setitem(WHO, "GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


@pytest.mark.usefixtures("ada")
def test_submit_names_the_lines_that_hold_name_or_address(repository: Path) -> None:
    (repository / "REVIEW.md").write_text(f"{GOOD}\nada lovelace, ADA@example.org\n")
    said = run(repository, "submit")[1]
    assert "look at: REVIEW.md:19 holds your name; take it out" in said
    assert "look at: REVIEW.md:19 holds your e-mail address; take it out" in said


@pytest.mark.usefixtures("ada")
def test_submit_says_nothing_where_no_name_is(repository: Path) -> None:
    assert "holds your" not in run(repository, "submit")[1]


def test_notebooks_are_packed_without_outputs_and_authors(repository: Path) -> None:
    path = repository / "notebooks/clinic.ipynb"
    notebook = json.loads(path.read_bytes())
    clean = json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"
    notebook["metadata"]["authors"] = [{"name": "Ada"}]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "/home/ada"}],
                "execution_count": 3,
            }
    path.write_text(json.dumps(notebook))
    run(repository, "submit")
    with zipfile.ZipFile(repository / "submission.zip") as archive:
        assert archive.read("notebooks/clinic.ipynb") == clean
    assert b"/home/ada" in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 1, "metadata": {}}', b"[" * 90_000])
def test_what_is_no_notebook_is_packed_as_it_is(content: bytes, repository: Path) -> None:
    (repository / "notebooks/clinic.ipynb").write_bytes(content)
    assert run(repository, "submit")[0] == 0
    with zipfile.ZipFile(repository / "submission.zip") as archive:
        assert archive.read("notebooks/clinic.ipynb") == content


BAD = ["a\nb.py", "a\u202eb.py", "c:x.py", "..\\x.py", "d/" * 24 + "x.py", "\udcff.py"]
FINE = ["Src/x.py", "Notebooks/x.py", "a\\b.py", "fine name.py", "\u00e9.py", "e\u0301.py", "...py"]


def submitted(repository: Path, to: Path) -> tuple[str, str, Submission]:
    """Pack; return what was said, the checksum, and what the kit takes of the archive."""
    code, said = run(repository, "submit")
    assert code == 0, said
    return (
        said,
        re.findall(r"checksum: (\w+)", said)[0],
        take(repository / "submission.zip", to, wanted=CLINIC),
    )


@pytest.mark.parametrize("name", FINE, ids=range(len(FINE)))
def test_the_kit_takes_what_was_packed(name: str, repository: Path, tmp_path: Path) -> None:
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).touch()
    _, checksum, taken = submitted(repository, tmp_path / "taken")
    assert checksum == taken.digest == take(repository, tmp_path / "folder", wanted=CLINIC).digest


@pytest.mark.parametrize("name", BAD, ids=range(len(BAD)))
def test_a_file_with_an_odd_name_is_left_out_and_named(name: str, repository: Path, tmp_path: Path) -> None:
    _, plain, _ = submitted(repository, tmp_path / "plain")
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).touch()
    said, checksum, _ = submitted(repository, tmp_path / "taken")
    assert ("left out: " in said, checksum) == (True, plain)


def laid_out(repository: Path) -> None:
    for name in ("myenv/pyvenv.cfg", "myenv/lib/a.py", ".conda/conda-meta/history", "Icon\r", "model/x"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).touch()
    (repository / "latest").symlink_to("/etc")
    (repository / "all.parquet").write_bytes(bytes(17 << 20))
    manifest = repository / "exercise.toml"
    manifest.write_text(manifest.read_text().replace("\n[", '\ngenerated = ["model"]\n[', 1))


def test_environments_links_outputs_and_large_files_are_left_out(repository: Path, tmp_path: Path) -> None:
    laid_out(repository)
    said, checksum, taken = submitted(repository, tmp_path / "taken")
    assert (checksum, taken.left_out) == (taken.digest, {})
    for what in ("myenv is an environment", ".conda is an environment", "latest is no regular file",
                 "all.parquet has 17,825,792 bytes"):  # fmt: skip
        assert f"left out: {what}" in said


def test_a_large_notebook_is_packed_without_its_outputs(repository: Path) -> None:
    path = repository / "notebooks/clinic.ipynb"
    notebook = json.loads(path.read_text())
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (22 << 20)}]
    path.write_text(json.dumps(notebook))
    assert run(repository, "submit")[0] == 0


def test_a_pointer_of_git_lfs_is_told(repository: Path) -> None:
    (repository / "more.csv").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
    )
    assert "look at: more.csv is a pointer of Git LFS" in run(repository, "submit")[1]


@pytest.mark.parametrize("magic", ["%%sql\nselect 1", "rows = %sql select 1", "%sql select 1", "!ls"])
def test_a_cell_that_is_no_python_is_no_mistake(magic: str, repository: Path) -> None:
    path = repository / "notebooks/clinic.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].append({"cell_type": "code", "source": magic, "metadata": {}, "outputs": []})
    path.write_text(json.dumps(notebook))
    assert "invalid syntax" not in run(repository, "check")[1]


def test_what_cannot_be_read_ends_in_a_sentence(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise PermissionError(13, "Permission denied", "REVIEW.md")

    monkeypatch.setattr(tasks, "check", broken)
    monkeypatch.chdir(repository)
    assert tasks.main("check") == 1


def test_the_same_files_give_the_same_archive(repository: Path) -> None:
    run(repository, "submit")
    first = (repository / "submission.zip").read_bytes()
    run(repository, "submit")
    assert (repository / "submission.zip").read_bytes() == first


def test_submit_tells_what_is_missing_and_packs_all_the_same(repository: Path) -> None:
    (repository / "REVIEW.md").unlink()
    code, said = run(repository, "submit")
    assert code == 0
    assert "missing: there is no REVIEW.md" in said


def test_code_that_is_a_link_cannot_be_packed(repository: Path) -> None:
    (repository / "src/clinic/more").symlink_to("/etc")
    code, said = run(repository, "submit")
    assert code == 1
    assert "cannot be packed: src/clinic/more is no regular file" in said


def test_what_the_project_itself_writes_is_not_packed(repository: Path) -> None:
    manifest = repository / "exercise.toml"
    manifest.write_text(manifest.read_text().replace("\n[", '\ngenerated = ["model"]\n[', 1))
    (repository / "model").mkdir()
    (repository / "model/clinic.joblib").write_bytes(b"fitted")
    code, said = run(repository, "submit")
    assert (code, "model/" in said) == (0, False)


def test_an_unknown_task_is_answered_with_those_there_are(repository: Path) -> None:
    assert run(repository, "sumbit") == (2, "usage: python -m tasks setup|check|submit\n")


@pytest.mark.parametrize(
    "name", [*sorted(tasks.LEFT_OUT), "a.pyc", "a.egg-info", "._a", "a.py", ".gitignore", ".env"]
)
def test_a_candidate_and_the_kit_leave_the_same_out(name: str) -> None:
    assert tasks.junk(name) == bool(left_out(name))


def test_a_candidate_and_the_kit_know_the_same_junk() -> None:
    assert frozenset(tasks.LEFT_OUT) == JUNK
    assert frozenset(tasks.OF_AN_ENVIRONMENT) == OF_AN_ENVIRONMENT
