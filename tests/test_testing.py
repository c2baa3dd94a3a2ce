"""The suite that a private bank runs in its own continuous integration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from unfit.scaffold import create
from unfit.testing import GATES
from unfit.validate.gate import GATES as KNOWN

HARNESS = Path(__file__).parents[1] / "harness"


def suite(bank: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the suite as a private bank would, in its folder."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--pyargs",
        "unfit.testing",
        "-p",
        "no:cacheprovider",
        "-q",
        *options,
    ]
    given = {**os.environ, "PYTHONPATH": str(HARNESS)}
    return subprocess.run(command, cwd=bank, env=given, capture_output=True, text=True, check=False)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    create(tmp_path, "demo")
    return tmp_path


def test_every_exercise_has_a_test_a_gate(bank: Path) -> None:
    create(bank, "second", kind="notebook")
    listed = suite(bank, "--collect-only").stdout
    for slug in ("demo", "second"):
        assert f"test_manifests_load[{slug}]" in listed
        assert all(f"test_gate[{slug}-{gate}]" in listed for gate in [*GATES, "rest"])


def test_every_gate_that_is_named_exists() -> None:
    assert set().union(*GATES.values()) <= set(KNOWN)


def test_a_folder_that_is_no_bank_is_named(tmp_path: Path) -> None:
    done = suite(tmp_path)
    assert done.returncode
    assert "is no bank" in done.stdout + done.stderr


def test_a_broken_manifest_fails_in_a_sentence(bank: Path) -> None:
    manifest = bank / "solutions" / "demo" / "defects.toml"
    manifest.write_text(manifest.read_text().replace("severity", "severty"))
    done = suite(bank, "-k", "manifests")
    assert "the nearest is `severity`" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_stale_exercise_fails_with_the_command_that_mends_it(bank: Path) -> None:
    (bank / "exercises" / "demo" / "README.md").write_text("edited by hand")
    assert "fix: run: unfit plant" in suite(bank, "-k", "planted").stdout


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("kind", ["package", "notebook"])
def test_a_new_exercise_passes_the_whole_suite(tmp_path: Path, kind: str) -> None:
    create(tmp_path, "demo", kind="notebook" if kind == "notebook" else "package")
    done = suite(tmp_path)
    assert not done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_wrong_fix_that_is_listed_as_right_fails_the_corpus(bank: Path) -> None:
    corpus = bank / "solutions" / "demo" / "corpus"
    (corpus / "wrong" / "small_batches_only").rename(corpus / "right" / "small_batches_only")
    expect = corpus / "right" / "small_batches_only" / "expect.toml"
    expect.write_text(expect.read_text().replace("fixes = []", 'fixes = ["batch-scales-itself"]'))
    assert "right/small_batches_only" in suite(bank, "-k", "corpus").stdout
