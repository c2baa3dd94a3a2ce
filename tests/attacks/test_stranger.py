"""An ordinary user's sandbox contains the same attacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import unfit

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

HERE = Path(__file__).parent
STRANGER = "61234"
READABLE = "import subprocess, sys, pandas, pytest; subprocess.run([sys.executable, '-c', ''], check=True)"


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has run them already")
def test_every_attack_is_contained_for_an_ordinary_user(arena_works: None, tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    user = ["setpriv", "--reuid", STRANGER, "--regid", STRANGER, "--clear-groups"]
    python = [*user, os.environ.get("UNFIT_TEST_PYTHON", sys.executable)]
    tried = subprocess.run([*python, "-c", READABLE], capture_output=True, check=False, cwd="/")
    if tried.returncode:
        pytest.skip("an ordinary user cannot read this Python; name another in UNFIT_TEST_PYTHON")
    pytest_words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--confcutdir", str(HERE.parent)]
    done = subprocess.run(
        [*python, *pytest_words, str(HERE / "test_submissions.py")],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(unfit.__file__).parent.parent),
            "HOME": "/nonexistent",
        },
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " contained" in done.stdout
