"""What a maintainer and whoever cites the project rely on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

import unfit

ROOT = Path(__file__).resolve().parent.parent
CITATION = ROOT / "CITATION.cff"


def test_the_citation_keeps_to_its_format() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.citation-file-format", str(CITATION)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_citation_is_of_this_version() -> None:
    assert yaml.safe_load(CITATION.read_text("utf-8"))["version"] == unfit.__version__


def test_a_commit_is_held_to_what_make_test_runs_first() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    entries = {hook["entry"].removeprefix(".venv/bin/") for hook in hooks}
    makefile = (ROOT / "Makefile").read_text("utf-8").replace('"$$VENV/bin/', "").replace('"', "")
    recipe = makefile.partition("\ntest: ")[2].partition("\n\n")[0]
    run = {line.removeprefix("\t@").removesuffix(" .") for line in recipe.splitlines()[1:]}
    assert entries == {line for line in run if not line.startswith("pytest")}


def test_the_types_of_the_program_are_shipped() -> None:
    assert (Path(unfit.__file__).parent / "py.typed").is_file()
