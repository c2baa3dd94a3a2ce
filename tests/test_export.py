"""An export is a colleague's project: nothing in it tells, and its receipt leads back to what was handed out."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import threading
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from packaging.specifiers import SpecifierSet

from unfit.bank import Exercise, load_bank, read_tree
from unfit.errors import BankError, UnfitError, UsageError
from unfit.export import CandidateTerms, contents, export, planted_by, read_receipt
from unfit.export.contents import DEVCONTAINER
from unfit.export.secrecy import refuse_leaks
from unfit.planting import lint, regenerate, shipped_tree

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
BANKS = Path(__file__).parent / "banks"
REAL = load_bank(ROOT)
TERMS = CandidateTerms(minutes=60)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A copy of a miniature bank that a test may change."""
    shutil.copytree(BANKS / "reviewed", tmp_path / "bank")
    regenerate(load_bank(tmp_path / "bank"))
    return tmp_path / "bank"


@pytest.fixture
def clinic(bank: Path) -> Exercise:
    return load_bank(bank).exercise("clinic")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def test_an_export_holds_the_project_and_what_a_candidate_needs(
    clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    export(clinic, tmp_path / "ada", ledger=ledger)
    tree = read_tree(tmp_path / "ada")
    assert set(tree) - set(shipped_tree(clinic)) == {
        ".devcontainer/devcontainer.json", ".gitignore", "Makefile", "STANDARD.md", "TASK.md", "notebooks/clinic.py",
        "pyproject.toml", "receipt.json", "requirements.txt", "tasks.py",
    }  # fmt: skip
    assert {path: tree[path] for path in shipped_tree(clinic)} == shipped_tree(clinic)


def test_a_dev_container_sets_itself_up_with_a_python_that_the_project_takes(clinic: Exercise) -> None:
    settings = json.loads(contents(clinic, terms=TERMS)[DEVCONTAINER])
    image, version = re.fullmatch(r"([\w./]+/python):(3\.\d+)-bookworm", settings["image"]).groups()  # type: ignore[union-attr]
    assert image == "mcr.microsoft.com/devcontainers/python"
    assert all(
        version in SpecifierSet(tomllib.loads(text.decode())["project"]["requires-python"])
        for slug in REAL.slugs
        for path, text in shipped_tree(REAL.exercise(slug)).items()
        if path == "pyproject.toml"
    )
    assert settings["postCreateCommand"] == "python -m tasks setup"
    interpreter = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"
    assert settings["customizations"]["jetbrains"] == {"backend": "PyCharm"}


def test_a_project_keeps_a_dev_container_of_its_own(bank: Path) -> None:
    own = bank / "exercises/clinic" / DEVCONTAINER
    own.parent.mkdir()
    own.write_text("{}")
    assert contents(load_bank(bank).exercise("clinic"), terms=TERMS)[DEVCONTAINER] == b"{}"


def test_git_ignores_what_the_project_itself_writes() -> None:
    triage = load_bank(Path(__file__).parents[1]).exercise("hospital_triage")
    ignored = contents(triage, terms=CandidateTerms(minutes=75))[".gitignore"].decode().splitlines()
    assert {"/model", ".venv/"} <= set(ignored)


def test_files_of_an_export_have_one_time_and_no_links(
    clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    forms: tuple[Literal["dir", "git"], ...] = ("dir", "git")
    for form in forms:
        export(clinic, tmp_path / form, ledger=ledger, format=form)
        paths = [tmp_path / form, *(tmp_path / form).rglob("*")]
        assert {path.lstat().st_mtime for path in paths} == {1_577_836_800.0}
        assert not any(path.is_symlink() for path in paths)


def test_a_repository_has_one_commit_by_nobody_in_particular(
    clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    export(clinic, tmp_path / "ada", ledger=ledger, format="git")
    command = ["git", "-C", str(tmp_path / "ada"), "log", "--all", "--format=%an %ae %cn %s"]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert log == "The team team@example.invalid The team The project as it stands\n"


def test_a_zip_holds_the_same_files(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    export(clinic, tmp_path / "ada.zip", ledger=ledger, format="zip")
    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        assert archive.read("clinic/README.md") == shipped_tree(clinic)["README.md"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_two_exports_differ_in_their_receipts_only(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        export(clinic, tmp_path / name, ledger=ledger, candidate=name)
    ada, bob = read_tree(tmp_path / "ada"), read_tree(tmp_path / "bob")
    assert [path for path in ada if ada[path] != bob[path]] == ["receipt.json"]


def test_an_export_goes_over_nothing(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/mine").touch()
    with pytest.raises(UsageError, match="already exists"):
        export(clinic, tmp_path / "ada", ledger=ledger)
    assert not ledger.exists()


def test_the_default_form_needs_no_hidden_half(bank: Path, ledger: Path, tmp_path: Path) -> None:
    export(load_bank(bank).exercise("clinic"), tmp_path / "with", ledger=ledger)
    shutil.rmtree(bank / "solutions")
    export(load_bank(bank).exercise("clinic"), tmp_path / "without", ledger=ledger)
    one, other = read_tree(tmp_path / "with"), read_tree(tmp_path / "without")
    assert {path: one[path] for path in one if path != "receipt.json"} == {
        path: other[path] for path in other if path != "receipt.json"
    }


def test_other_forms_need_only_what_planting_needs(bank: Path, ledger: Path, tmp_path: Path) -> None:
    keep = {"project", "defects.toml", "exercise.toml"}
    for path in (bank / "solutions/clinic").iterdir():
        if path.name not in keep:
            path.unlink()
    receipt = export(load_bank(bank).exercise("clinic"), tmp_path / "ada", ledger=ledger, form="b")
    assert receipt.defects == ("metric-of-hard-labels",)


def test_without_the_hidden_half_no_other_form_can_be_named(bank: Path, ledger: Path, tmp_path: Path) -> None:
    shutil.rmtree(bank / "solutions")
    with pytest.raises(UsageError, match="only the default form"):
        export(load_bank(bank).exercise("clinic"), tmp_path / "ada", ledger=ledger, form="b")


def test_a_form_can_be_named_by_its_defects(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    receipt = export(clinic, tmp_path / "ada", ledger=ledger, defects=["metric-of-hard-labels"])
    assert receipt.form == "b"


def test_a_form_that_was_not_proven_is_not_handed_out(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no form holds exactly nobody-watches"):
        export(clinic, tmp_path / "ada", ledger=ledger, defects=["nobody-watches"])


def test_a_form_of_the_pairwise_cover_can_be_handed_out(
    clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    receipt = export(clinic, tmp_path / "ada", ledger=ledger, form="pairs-2")
    assert receipt.defects == clinic.form("pairs-2").defects
    named = export(clinic, tmp_path / "bob", ledger=ledger, defects=[f" {name} " for name in receipt.defects])
    assert named.form == "pairs-2"


def test_form_and_defects_are_not_given_both(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="both say what to plant"):
        export(clinic, tmp_path / "ada", ledger=ledger, form="b", defects=["metric-of-hard-labels"])


@pytest.mark.parametrize("defects", [[], [""], ["metric-of-hard-labels", ""]])
def test_an_empty_name_is_no_defect(
    defects: list[str], clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"no defect ``|no form holds exactly"):
        export(clinic, tmp_path / "ada", ledger=ledger, defects=defects)


@pytest.mark.parametrize("place", ["exercises/clinic/ada", "solutions/ada", "exercises"])
def test_an_export_never_lies_within_the_bank(place: str, bank: Path, clinic: Exercise, ledger: Path) -> None:
    with pytest.raises(UsageError, match="lies within the bank"):
        export(clinic, bank / place, ledger=ledger)


def test_a_place_that_cannot_be_written_leaves_nothing_in_the_ledger(
    clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        export(clinic, tmp_path / "file/ada", ledger=ledger)
    assert not ledger.exists()


def test_an_archive_does_not_replace_a_folder(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    with pytest.raises(UsageError, match="already exists"):
        export(clinic, tmp_path / "ada", ledger=ledger, format="zip")


def test_an_empty_folder_can_be_filled(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    export(clinic, tmp_path / "ada", ledger=ledger)
    assert (tmp_path / "ada/TASK.md").is_file()


def test_a_ledger_that_cannot_be_used_is_named(clinic: Exercise, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnfitError, match="the ledger cannot be used"):
        export(clinic, tmp_path / "ada", ledger=tmp_path / "file/ledger")
    assert not (tmp_path / "ada").exists()


def test_a_task_that_nobody_would_read_is_refused(bank: Path, clinic: Exercise) -> None:
    path = bank / "solutions/clinic/exercise.toml"
    path.write_text(
        re.sub('^story = ".*"$', f'story = "{"long " * 300}"', path.read_text(), flags=re.MULTILINE)
    )
    with pytest.raises(BankError, match="words, where 500 are read"):
        contents(load_bank(bank).exercise("clinic"), terms=TERMS)


def test_an_unknown_form_names_the_nearest(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no form `defualt`; the nearest is `default`"):
        export(clinic, tmp_path / "ada", ledger=ledger, form="defualt")


def test_a_seed_draws_the_data_anew(clinic: Exercise, bank: Path) -> None:
    drawn = "{'README.md': f'{seed}', 'data.csv': pd.DataFrame({'a': [seed]})}"
    hook = f"import pandas as pd\n\n\ndef project_data(*, seed):\n    return {drawn}\n"
    (bank / "solutions/clinic/world.py").write_text(hook)
    (bank / "solutions/clinic/project/data.csv").write_text("a\n0\n")
    regenerate(load_bank(bank))
    tree = contents(clinic, terms=TERMS, seed=7)
    assert (tree["README.md"], tree["data.csv"]) == (b"7", b"a\n7\n")
    assert not (bank / "solutions/clinic/__pycache__").exists()


@pytest.mark.parametrize("slug", REAL.slugs)
def test_the_shipped_data_are_those_of_the_shipped_seed(slug: str) -> None:
    exercise = REAL.exercise(slug)
    (seed,) = re.findall(
        r"^SHIPPED_SEED = (\d+)$", (exercise.solution / "world.py").read_text(), re.MULTILINE
    )
    assert contents(exercise, terms=TERMS, seed=int(seed)) == contents(exercise, terms=TERMS)


@pytest.mark.parametrize("slug", REAL.slugs)
def test_an_export_is_clean_under_the_projects_own_lint(slug: str) -> None:
    assert lint(contents(REAL.exercise(slug), terms=TERMS), configured=True) == ()


@pytest.mark.slow
@pytest.mark.parametrize("slug", REAL.slugs)
def test_twenty_seeds_are_twenty_data_sets_of_one_code(slug: str) -> None:
    code = (".py", ".ipynb", ".toml", ".md")
    trees = [contents(REAL.exercise(slug), terms=TERMS, seed=seed) for seed in range(20)]
    assert all(one != other for one, other in itertools.combinations(trees, 2))
    for tree in trees:
        assert all(content == trees[0][path] for path, content in tree.items() if path.endswith(code))


def test_a_seed_without_a_world_that_can_draw_is_refused(clinic: Exercise) -> None:
    with pytest.raises(UsageError, match="its data cannot be drawn anew"):
        contents(clinic, terms=TERMS, seed=7)


def test_a_world_that_draws_another_file_is_refused(clinic: Exercise, bank: Path) -> None:
    (bank / "solutions/clinic/world.py").write_text(
        "def project_data(*, seed):\n    return {'new.csv': 'a'}\n"
    )
    with pytest.raises(BankError, match=r"gives new\.csv, which the project does not have"):
        contents(clinic, terms=TERMS, seed=7)


@pytest.mark.parametrize("assistants", ["allowed", "none"])
@pytest.mark.parametrize("slug", REAL.slugs)
def test_the_task_has_at_most_500_words_and_says_everything(slug: str, assistants: str) -> None:
    exercise = REAL.exercise(slug)
    task = contents(exercise, terms=CandidateTerms(45, assistants))["TASK.md"].decode()  # type: ignore[arg-type]
    assert len(task.split()) <= 500
    assert " ".join(exercise.manifest.story.split()) in " ".join(task.split())
    for words in ("Report everything; mend the three that matter most", "45 minutes", "nothing is sent anywhere",
                  "What is judged", "Collected is", "decide"):  # fmt: skip
        assert words in task
    assert ("diagnosis.toml" in task) == ("diagnosis.toml" in shipped_tree(exercise))
    assert ("A notebook comes with a copy" in task) == any(
        path.endswith(".ipynb") for path in shipped_tree(exercise)
    )
    assert ("without programming assistants" in task) == (assistants == "none")


def test_a_task_of_the_field_is_a_ticket_and_no_list(clinic: Exercise) -> None:
    path = clinic.manifest_path
    assert "**cause**" not in contents(clinic, terms=TERMS)["TASK.md"].decode()
    path.write_text(path.read_text().replace("format = 1", 'format = 1\ntier = "field"', 1))
    task = contents(load_bank(clinic.bank).exercise("clinic"), terms=TERMS)["TASK.md"].decode()
    for words in (
        "and a ticket",
        "**cause**",
        "**contain**",
        "**mend**",
        "**watch**",
        "the registry of models",
    ):
        assert words in " ".join(task.split())


@pytest.mark.parametrize(("slug", "asked"), [("hospital_triage", True), ("clinic", False)])
def test_the_task_asks_not_to_look_where_answers_are_published(
    slug: str, asked: bool, clinic: Exercise
) -> None:
    path = clinic.manifest_path
    path.write_text(path.read_text().replace('exposure = "public"', 'exposure = "private"'))
    exercise = load_bank(clinic.bank).exercise("clinic") if slug == "clinic" else REAL.exercise(slug)
    assert ("are public. Please do not look." in contents(exercise, terms=TERMS)["TASK.md"].decode()) is asked


def test_a_makefile_gets_the_three_targets_and_keeps_its_own(bank: Path) -> None:
    (bank / "exercises/clinic/Makefile").write_text("train:\n\techo train\n")
    makefile = contents(load_bank(bank).exercise("clinic"), terms=TERMS)["Makefile"].decode()
    assert makefile.startswith("train:\n\techo train\n\n")
    assert all(f"\n{target}:" in makefile for target in ("setup", "check", "submit"))


@pytest.mark.parametrize("slug", REAL.slugs)
def test_every_package_is_pinned_to_the_version_that_judges(slug: str) -> None:
    exercise = REAL.exercise(slug)
    lines = contents(exercise, terms=TERMS)["requirements.txt"].decode().splitlines()
    assert [line for line in lines if "==" not in line] == ["pytest", "ruff"]


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("command", ["python3", "jupyter"])
def test_targets_use_what_was_set_up(command: str, clinic: Exercise, tmp_path: Path) -> None:
    added = contents(clinic, terms=TERMS)["Makefile"]
    (tmp_path / "Makefile").write_bytes(b"own:\n\t%s --version\n\n" % command.encode() + added)
    tool = tmp_path / ".venv/bin" / command
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho set up\n")
    tool.chmod(0o755)
    done = subprocess.run(
        ["make", "--silent", "own"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set up\n"


def test_a_makefile_with_such_a_target_of_its_own_is_refused(bank: Path) -> None:
    (bank / "exercises/clinic/Makefile").write_text("check:\n\techo\n")
    with pytest.raises(BankError, match="has a target `check` of its own"):
        contents(load_bank(bank).exercise("clinic"), terms=TERMS)


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("src/a.py", "x = 1  # nobody-watches", "the defect"),
        ("README.md", "See `metric-of-hard-labels`.", "the defect"),
        ("nobody-watches.md", "", "the defect"),
        ("README.md", "only-listed-records-are-ranked", "the decoy"),
        ("README.md", "inches_are_inches", "the check"),
        ("README.md", "Nothing watches the incoming records, you see.", "a defect's title"),
        ("README.md", "made by unfit", "the kit"),
        ("README.md", "unfit-canary-0123456789", "a canary"),
        ("src/a.py", "x = 1  # planted", "a telling comment"),
        ("src/a.py", "x = 1  # TODO: the bug", "a telling comment"),
        ("src/a.py", "    return [field for field, value in record.items() if value is None]", "removed"),
    ],
)
def test_a_leak_is_refused_with_its_file(clinic: Exercise, path: str, text: str, words: str) -> None:
    with pytest.raises(BankError, match=words) as refusal:
        refuse_leaks({path: text.encode()}, clinic, clinic.default)
    assert f"in {path}:" in refusal.value.message


@pytest.mark.parametrize("name", ["checks.py", "world.py", "GUIDE.md", "decoys.toml"])
def test_no_long_line_of_a_hidden_file_is_handed_out(name: str) -> None:
    exercise = REAL.exercise("hospital_triage")
    line = max((exercise.solution / name).read_text().splitlines(), key=len)
    with pytest.raises(BankError, match=r"would give away .* in NOTES\.md"):
        refuse_leaks({"NOTES.md": f"a\n{line}\n".encode()}, exercise, exercise.default)


def test_each_line_of_a_longer_answer_is_looked_for() -> None:
    exercise = REAL.exercise("hospital_triage")
    planted = exercise.default
    answers = [
        line.strip()
        for name in planted
        for edit in exercise.defect(name).edits
        for line in (edit.fixed or "").splitlines()
        if len(line.strip()) > 70
    ]
    shipped_text = b"\n".join(shipped_tree(exercise).values()).decode("utf-8", "replace")
    for line in (line for line in answers if line not in shipped_text):
        with pytest.raises(BankError, match="would give away what planting"):
            refuse_leaks({"src/notes.py": line.encode()}, exercise, planted)


def test_a_leak_stops_the_export_before_anything_is_written(bank: Path, ledger: Path, tmp_path: Path) -> None:
    (bank / "exercises/clinic/README.md").write_text("nobody-watches")
    with pytest.raises(BankError, match="would give away"):
        export(load_bank(bank).exercise("clinic"), tmp_path / "ada", ledger=ledger)
    assert not (tmp_path / "ada").exists()
    assert not ledger.exists()


@pytest.mark.parametrize("slug", REAL.slugs)
def test_no_form_of_the_bundled_bank_leaks(slug: str) -> None:
    exercise = REAL.exercise(slug)
    for form in exercise.forms:
        defects = None if form.name == "default" else form.defects
        refuse_leaks(contents(exercise, defects, terms=TERMS), exercise, form.defects)


# Receipts


def exported(exercise: Exercise, ledger: Path, to: Path, **options: str) -> dict[str, bytes]:
    export(exercise, to, ledger=ledger, **options)  # type: ignore[arg-type]
    return read_tree(to)


def test_a_receipt_leads_back_to_form_and_candidate(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada", form="b", candidate="Ada")
    receipt = read_receipt(tree, ledger, exercise="clinic")
    assert (receipt.verified, receipt.form, receipt.candidate) == (True, "b", "Ada")
    assert receipt.defects == ("metric-of-hard-labels",)


def test_a_receipt_tells_a_candidate_nothing(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada", form="b", candidate="Ada")
    assert set(json.loads(tree["receipt.json"])) == {
        "exercise", "version", "form", "seed", "tree", "nonce", "mac",
    }  # fmt: skip
    assert b"Ada" not in b"".join(tree.values())


TAMPERING: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "removed": (lambda tree: tree.pop("receipt.json"), "has no receipt"),
    "garbage": (lambda tree: tree.update({"receipt.json": b"{"}), "cannot be read"),
    "a list": (lambda tree: tree.update({"receipt.json": b"[]"}), "cannot be read"),
    "nested": (lambda tree: tree.update({"receipt.json": b"[" * 4000}), "cannot be read"),
    "another form": (
        lambda tree: tree.update({"receipt.json": tree["receipt.json"].replace(b'"b"', b'"default"')}), "was changed"
    ),
    "another mac": (
        lambda tree: tree.update({"receipt.json": tree["receipt.json"].replace(b'"mac": "', b'"mac": "\xc3\xa9')}),
        "was changed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_a_missing_or_changed_receipt_proves_nothing(
    name: str, clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    tamper, words = TAMPERING[name]
    tree = exported(clinic, ledger, tmp_path / "ada", form="b")
    tamper(tree)
    receipt = read_receipt(tree, ledger, exercise="clinic")
    assert (receipt.verified, receipt.form) == (False, "default")
    assert words in receipt.note


def test_a_receipt_of_another_exercise_proves_nothing(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada")
    assert "another exercise" in read_receipt(tree, ledger, exercise="other").note


def test_what_was_planted_is_read_from_the_ledger_whatever_the_form_holds_by_now(
    bank: Path, clinic: Exercise, ledger: Path, tmp_path: Path
) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada", form="b")
    path = bank / "solutions/clinic/defects.toml"
    path.write_text(
        path.read_text().replace('defects = ["metric-of-hard-labels"]', 'defects = ["nobody-watches"]')
    )
    later = load_bank(bank).exercise("clinic")
    assert later.form("b").defects == ("nobody-watches",)
    assert planted_by(read_receipt(tree, ledger), later) == ("metric-of-hard-labels",)


def test_a_defect_that_is_gone_since_is_named(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    receipt = read_receipt(exported(clinic, ledger, tmp_path / "ada"), ledger)
    lost = receipt.model_copy(update={"defects": ("long-forgotten",)})
    with pytest.raises(UsageError, match=r"version 1\.0\.0 was handed out with the defect `long-forgotten`"):
        planted_by(lost, clinic)


def test_without_a_receipt_the_default_form_is_graded(clinic: Exercise, ledger: Path) -> None:
    assert planted_by(read_receipt({}, ledger, exercise="clinic"), clinic) == clinic.default


def test_another_version_than_was_handed_out_is_noted(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada")
    assert read_receipt(tree, ledger, version="1.0.0").note == ""
    receipt = read_receipt(tree, ledger, version="2.0.0")
    assert (receipt.verified, receipt.note.split(" of ")[0]) == (True, "Version 1.0.0")


def test_a_receipt_of_another_ledger_proves_nothing(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada")
    exported(clinic, tmp_path / "ledger2", tmp_path / "bob")
    assert "another ledger" in read_receipt(tree, tmp_path / "ledger2").note
    assert "no ledger" in read_receipt(tree, tmp_path / "ledger3").note


def test_the_key_is_the_interviewers_alone(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    exported(clinic, ledger, tmp_path / "ada")
    assert {path.name: path.stat().st_mode & 0o777 for path in ledger.iterdir()} == {
        "key": 0o600,
        "exports.jsonl": 0o600,
    }


def test_exports_at_the_same_time_are_all_entered(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    export(clinic, tmp_path / "first", ledger=ledger)
    threads = [
        threading.Thread(target=export, args=(clinic, tmp_path / str(n)), kwargs={"ledger": ledger})
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(read_receipt(read_tree(tmp_path / str(n)), ledger).verified for n in range(4))


def test_a_broken_ledger_is_named_with_its_line(clinic: Exercise, ledger: Path, tmp_path: Path) -> None:
    tree = exported(clinic, ledger, tmp_path / "ada")
    with (ledger / "exports.jsonl").open("a") as file:
        file.write("oops\n")
    with pytest.raises(UnfitError, match=r"exports\.jsonl:2: is no entry"):
        read_receipt(tree, ledger)
