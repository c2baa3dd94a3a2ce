"""However a project is packed, the same project is graded; what no check needs is left out and named."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.corpus import lay
from unfit.errors import SubmissionError
from unfit.planting import write_tree
from unfit.report import load_grade
from unfit.submission import Submission, take, wanted
from unfit.submission.wanted_files import is_copy

TRIAGE = load_bank(Path(__file__).resolve().parent.parent).exercise("hospital_triage")
CHURN = load_bank(Path(__file__).resolve().parent.parent).exercise("churn_notebook")
WANTED = wanted(TRIAGE)
SAMPLE = dict(lay(TRIAGE, TRIAGE.solution / "sample"))
VENV = {
    "pyvenv.cfg": b"home = /usr/bin\n",
    "bin/python": b"",
    "lib/python3.12/site-packages/numpy/random.py": b"",
}
CONDA = {"conda-meta/history": b"", "bin/python": b"", "ssl/cert.pem": b"", "lib/python3.12/os.py": b""}
Tree = dict[str, bytes]


def under(folder: str, tree: Tree) -> Tree:
    return {f"{folder}/{name}": content for name, content in tree.items()}


def as_zip(tree: Tree, *, windows: bool = False) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tree.items():
            info = zipfile.ZipInfo("x")
            info.filename = name.replace("/", "\\") if windows else name
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue()


def as_tar(tree: Tree) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def as_folder(tree: Tree, at: Path) -> Path:
    write_tree(tree, at / "ada")
    return at / "ada"


def taken(tree: Tree | bytes, at: Path, *, of: Exercise = TRIAGE) -> Submission:
    """Take a folder, or an archive."""
    if isinstance(tree, bytes):
        (at / "ada.zip").write_bytes(tree)
        return take(at / "ada.zip", at / "copy", wanted=wanted(of))
    return take(as_folder(tree, at), at / "copy", wanted=wanted(of))


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    return taken(SAMPLE, tmp_path_factory.mktemp("plain")).digest


def ways(sample: Tree, code: str) -> dict[str, Tree | bytes]:
    """Pack a project as people do.

    Parameters
    ----------
    sample : mapping of str to bytes
        The project with a review.
    code : str
        A folder of its code.
    """
    deep = under("submission/submission", sample)
    without_review = {name: content for name, content in sample.items() if name != "REVIEW.md"}
    return {
        "one folder deep": under("submission", sample),
        "two folders deep": deep,
        "nine folders deep": under("a/b/c/d/e/f/g/h/i", sample),
        "beside a stray file": under("triage", sample) | {"notes.txt": b"hi"},
        "beside folders": under("triage-main", sample) | under("Downloads", {"a.pdf": b"", "b/c.txt": b""}),
        "review outside": under("triage", without_review) | {"REVIEW.md": sample["REVIEW.md"]},
        "zip": as_zip(sample),
        "zip two folders deep": as_zip(deep),
        "zip beside a stray file": as_zip(under("triage", sample) | {"readme.txt": b"see the folder"}),
        "zip in a zip": as_zip({"submission.zip": as_zip(sample)}),
        "zip in a zip in a zip": as_zip({"a/b.zip": as_zip({"submission.zip": as_zip(under("x", sample))})}),
        "zip in a folder": {"submission.zip": as_zip(sample)},
        "zip in a folder, the review beside": {
            "submission.zip": as_zip(without_review), "REVIEW.md": sample["REVIEW.md"],
        },
        "tar in a zip": as_zip({"a.tar.gz": as_tar(deep)}),
        "zip with backslashes": as_zip(sample, windows=True),
        "zip with backslashes, deep": as_zip(deep, windows=True),
        "names with backslashes": {name.replace("/", "\\"): content for name, content in sample.items()},
        "tar two folders deep": as_tar(deep),
        "venv312": sample | under("venv312", VENV),
        "env in a zip": as_zip(under("env", VENV) | sample),
        "env in a tar, marked last": as_tar(under("env", dict(reversed(VENV.items()))) | sample),
        "env of 3,000 files": sample | under("my env", VENV | {f"lib/{n}.py": b"" for n in range(3000)}),
        "conda": sample | under(".conda", CONDA),
        "the project in an environment": under("work", VENV | sample),
        "the project below an environment": under("work", VENV | under("triage", sample)),
        "an environment in the code": sample | under(f"{code}/env", VENV),
        "node_modules and caches": sample
        | {"node_modules/a/b.js": b"", ".tox/x": b"", f"{code}/__pycache__/a.pyc": b""},
        "its own outputs": sample | {"model/triage.joblib": bytes(20 << 20), "submission.zip": b"PK"},
        "icon of macOS": sample | {"Icon\r": b"", f"{code}/Icon\r": b"", ".DS_Store": b""},
        "joined emoji": sample | {"notes/\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}.txt": b""},
        "direction mark in a name": as_zip(sample | {"a\N{RIGHT-TO-LEFT OVERRIDE}b.txt": b""}),
        "a long name": as_zip(sample | {"x" * 300: b""}),
        "a file too large": sample | {"data/all.parquet": os.urandom(17 << 20)},
        "a packed file too large": as_zip(sample | {"data/all.csv": b"0,1,2\n" * 5_000_000}),
        "one file twice": as_tar(sample),
    }  # fmt: skip


WAYS = ways(SAMPLE, "src")


@pytest.mark.parametrize("way", WAYS)
def test_the_same_project_is_taken_however_it_is_packed(way: str, digest: str, tmp_path: Path) -> None:
    assert taken(WAYS[way], tmp_path).digest == digest


LOOK = load_bank(Path(__file__).resolve().parent.parent).exercise("first_look")
LOOKS = ways(dict(lay(LOOK, LOOK.solution / "sample")), "src/repairs")


def verdicts(tree: Tree | bytes, at: Path) -> dict[str, tuple[str, str]]:
    """Grade what was handed in as an interviewer does; say how each defect and guard ended."""
    if isinstance(tree, bytes):
        (at / "ada.zip").write_bytes(tree)
    packed = at / "ada.zip" if isinstance(tree, bytes) else as_folder(tree, at)
    command = [sys.executable, "-m", "unfit", "grade", "first_look", str(packed), "--seed", "5"]
    done = subprocess.run(
        [*command, "--out", str(at / "out")], capture_output=True, text=True, check=False, cwd=at
    )
    assert done.returncode == 0, done.stderr
    grade = load_grade(at / "out" / "grade.json")
    return {
        **{defect.id: (defect.status, str(defect.spotted)) for defect in grade.defects},
        **{guard.verdict.check: (guard.outcome, "") for guard in grade.guards},
    }


@pytest.fixture(scope="module")
def plainly(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    return verdicts(LOOKS["zip"], tmp_path_factory.mktemp("plain"))


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("way", LOOKS)
def test_the_same_verdicts_are_given_however_a_project_is_packed(
    way: str, plainly: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    assert verdicts(LOOKS[way], tmp_path) == plainly
    assert "mended" in {status for status, _ in plainly.values()}


def linked(at: Path) -> None:
    (at / "latest").symlink_to("data")
    (at / "data/more").symlink_to("/etc/passwd")


def piped(at: Path) -> None:
    os.mkfifo(at / "src/triage/pipe")


def undecodable(at: Path) -> None:
    Path(os.fsdecode(os.fsencode(at) + b"/caf\xe9.txt")).touch()


@pytest.mark.parametrize("spoil", [linked, piped, undecodable], ids=["links", "pipe", "not UTF-8"])
def test_what_cannot_be_taken_and_is_not_needed_is_left_out_and_named(
    spoil: Callable[[Path], None], digest: str, tmp_path: Path
) -> None:
    source = as_folder(SAMPLE, tmp_path)
    spoil(source)
    seen = take(source, tmp_path / "copy", wanted=WANTED)
    assert seen.digest == digest
    assert "Left out, since the exercise does not need it: `" in " ".join(seen.notes)


@pytest.mark.parametrize("way", ["two folders deep", "zip two folders deep", "tar two folders deep"])
def test_where_the_project_lay_is_said(way: str, tmp_path: Path) -> None:
    said = "The project lay in `submission/submission/` of what was handed in, and was graded there."
    assert said in taken(WAYS[way], tmp_path).notes


def test_an_archive_inside_is_named(tmp_path: Path) -> None:
    said = "The project lay in the archive `submission.zip` of what was handed in."
    assert taken(WAYS["zip in a zip"], tmp_path).notes == (said,)


def test_an_environment_is_named(tmp_path: Path) -> None:
    assert taken(WAYS["venv312"], tmp_path).notes == ("Left out as an environment: `venv312/`.",)


def refusal(tree: Tree | bytes, at: Path) -> str:
    with pytest.raises(SubmissionError) as refused:
        taken(tree, at)
    assert not (at / "copy").exists()
    return str(refused.value)


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"REVIEW.md": b"# Review"},
        {"receipt.json": b"{}", "README.md": b""},
        as_zip({"holiday.jpg": b""}),
        {"a.zip": as_zip(SAMPLE), "b.zip": as_zip(SAMPLE)},
    ],
    ids=["nothing", "a review alone", "no code", "something else", "two archives"],
)
def test_where_nothing_of_the_exercise_is_found_no_grade_is_written(
    tree: Tree | bytes, tmp_path: Path
) -> None:
    said = refusal(tree, tmp_path)
    assert "holds nothing of the exercise: no `src/triage/" in said
    assert "no grade was written" in said


def test_two_projects_are_not_chosen_between(tmp_path: Path) -> None:
    said = refusal(under("original", SAMPLE) | under("mine", SAMPLE), tmp_path)
    assert "holds the project more than once: `mine/`, `original/`" in said


def test_a_copy_of_the_project_inside_of_it_is_named(tmp_path: Path) -> None:
    seen = taken(SAMPLE | under("backup", SAMPLE), tmp_path)
    assert "`backup/` holds another copy of the project, which was not graded." in seen.notes


def test_code_that_is_a_link_is_refused(tmp_path: Path) -> None:
    source = as_folder(SAMPLE, tmp_path)
    (source / "src/triage/serve.py").rename(source / "serve.py")
    (source / "src/triage/serve.py").symlink_to("../../serve.py")
    with pytest.raises(SubmissionError, match=r"`src/triage/serve.py` is a symbolic link"):
        take(source, tmp_path / "copy", wanted=WANTED)


def test_a_file_of_code_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    once = as_tar(SAMPLE)
    assert once
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in [*SAMPLE.items(), ("src/triage/serve.py", b"other")]:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    assert "`src/triage/serve.py` is there twice, with other content" in refusal(packed.getvalue(), tmp_path)


def test_names_that_differ_by_case_only_are_two_files(tmp_path: Path) -> None:
    seen = taken(SAMPLE | {"Notes.txt": b"a", "notes.txt": b"b"}, tmp_path)
    assert seen.files == len(SAMPLE) + 2


def test_data_that_pack_well_are_no_bomb(tmp_path: Path) -> None:
    more = {"data/all.csv": b"0,1,2\n" * 2_000_000}
    assert taken(as_zip(SAMPLE | more), tmp_path).files == len(SAMPLE) + 1


def test_data_that_pack_well_in_a_tar_are_no_bomb(tmp_path: Path) -> None:
    more = {"data/all.csv": b"0,1,2\n" * 2_000_000}
    assert taken(as_tar(SAMPLE | more), tmp_path).files == len(SAMPLE) + 1


def test_a_name_that_leads_out_is_refused_still(tmp_path: Path) -> None:
    assert "leads out of its folder" in refusal(as_zip(SAMPLE | {"..\\..\\x": b""}), tmp_path)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"


def test_a_pointer_of_git_lfs_is_told_from_the_file(tmp_path: Path) -> None:
    seen = taken(SAMPLE | {"data/more.csv": POINTER}, tmp_path)
    assert seen.notes == ("`data/more.csv` is a pointer of Git LFS, not the file itself.",)


def test_code_that_is_a_pointer_is_refused(tmp_path: Path) -> None:
    said = refusal(SAMPLE | {"src/triage/serve.py": POINTER}, tmp_path)
    assert "`src/triage/serve.py` is a pointer of Git LFS" in said
    assert "git lfs pull" in said


def test_a_notebook_that_is_too_large_is_to_be_saved_without_outputs(tmp_path: Path) -> None:
    tree = dict(lay(CHURN, CHURN.solution / "sample")) if (CHURN.solution / "sample").is_dir() else {}
    tree |= {"notebooks/churn.ipynb": bytes(22 << 20), "src/x.py": b""}
    with pytest.raises(SubmissionError) as refused:
        take(as_folder(tree, tmp_path), tmp_path / "copy", wanted=wanted(CHURN))
    assert "clear its outputs" in refused.value.fix


def test_a_notebook_that_is_no_part_of_the_exercise_is_left_out(digest: str, tmp_path: Path) -> None:
    assert taken(SAMPLE | {"scratch.ipynb": os.urandom(22 << 20)}, tmp_path).digest == digest


@pytest.mark.parametrize(
    ("name", "copied"),
    [
        ("churn-Copy1.ipynb", True),
        ("Copy of churn.ipynb", True),
        ("churn (2).ipynb", True),
        ("churn copy 2.ipynb", True),
        ("churn_final.ipynb", True),
        ("Copy of Copy of churn.ipynb", True),
        ("churn - Kopie (2).ipynb", True),
        ("CHURN-copy1.IPYNB", True),
        ("churn-checkpoint.ipynb", False),
        ("churned.ipynb", False),
        (f"churn{'1' * 200}x.ipynb", False),
        ("churn.ipynb", False),
        ("chart.ipynb", False),
        ("churn-Copy1.py", False),
    ],
)
def test_a_copy_is_known_by_its_name(name: str, copied: bool, tmp_path: Path) -> None:
    assert is_copy(name, "churn.ipynb") is copied


BOOK = "notebooks/churn.ipynb"


@pytest.mark.parametrize(
    "name", ["churn-Copy1.ipynb", "Copy of churn.ipynb", "churn (1).ipynb", "Churn.ipynb"]
)
@pytest.mark.parametrize(
    "pack", [dict, as_zip, as_tar, partial(under, "a/b")], ids=["folder", "zip", "tar", "deep"]
)
def test_the_one_copy_of_a_missing_notebook_is_graded_in_its_place(
    name: str, pack: Callable[[Tree], Tree | bytes], tmp_path: Path
) -> None:
    tree = read_tree(CHURN.project)
    (tmp_path / "plain").mkdir()
    copied = {path.replace("churn.ipynb", name): content for path, content in tree.items()}
    seen = taken(pack(copied), tmp_path, of=CHURN)
    assert seen.digest == taken(tree, tmp_path / "plain", of=CHURN).digest
    assert f"There is no `{BOOK}`: its copy `notebooks/{name}` was graded in its place." in seen.notes


def test_between_two_copies_of_a_missing_notebook_nobody_chooses(tmp_path: Path) -> None:
    tree = read_tree(CHURN.project)
    content = tree.pop(BOOK)
    tree |= {f"notebooks/churn-Copy{n}.ipynb": content for n in (1, 2)}
    with pytest.raises(
        SubmissionError, match=r"several copies of it: `notebooks/churn-Copy1.ipynb`; `"
    ) as seen:
        taken(tree, tmp_path, of=CHURN)
    assert seen.value.fix == "call the one to be graded `churn.ipynb`; no grade was written"
